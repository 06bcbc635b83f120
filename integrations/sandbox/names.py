"""The names, places and phone shapes of which the simulated people and companies are made, by country."""

import unicodedata
from dataclasses import dataclass

# One block per country: name | firsts | lasts | cities | international phone | local phone | domain ending | company forms.
# `漢字=kanji` gives a name its spelling inside an e-mail address. In a phone, `#` is a digit.
_COUNTRIES = """
United States|Emma,Liam,Olivia,Noah,Ava,Mason,Sophia,Ethan,Isabella,Logan,Mia,Lucas,Amelia,Jackson,Harper,Aiden,Evelyn,Caleb,Abigail,Wyatt,Ella,Owen,Scarlett,Hunter,Grace,Dylan,Chloe,Carter,Zoey,Julian|Smith,Johnson,Williams,Brown,Jones,Miller,Davis,Wilson,Anderson,Taylor,Thomas,Moore,Jackson,Martin,Thompson,White,Harris,Clark,Lewis,Robinson,Walker,Young,Allen,King,Wright,Scott,Hill,Green,Adams,Baker,Nelson,Carter,Mitchell,Roberts,D'Angelo|New York,Austin,Chicago,Seattle,Denver,Boston,San José,Atlanta|+1 ###-555-####|(###) 555-####|com|Inc.,LLC,Corp.
United Kingdom|Oliver,Amelia,George,Isla,Harry,Ava,Jack,Freya,Jacob,Poppy,Charlie,Lily,Thomas,Evie,Oscar,Sophie,William,Ruby,James,Alice,Alfie,Daisy,Henry,Florence,Archie,Matilda,Edward,Rosie,Hugo,Imogen|Evans,Hughes,Edwards,Turner,Parker,Cooper,Ward,Morris,Bell,Bailey,Richardson,Cox,Howard,Foster,Russell,Griffiths,Hamilton,Graham,Reynolds,Simpson,Marshall,Palmer,Mills,Fletcher,Barker,Holmes,Chapman,Lloyd-Jones,Pearce,Gibson,Booth,Dixon,Hayes,Fox|London,Manchester,Leeds,Bristol,Glasgow,Cardiff,Birmingham,Edinburgh|+44 20 7946 ####|020 7946 ####|co.uk|Ltd,plc,& Sons
Ireland|Aoife,Conor,Niamh,Seán,Saoirse,Cillian,Caoimhe,Oisín,Róisín,Fionn,Siobhán,Darragh,Gráinne,Eoin,Ciara,Pádraig,Clodagh,Tadhg,Orla,Rónán,Éabha,Cormac,Sinéad,Declan,Bríd,Donal|O'Brien,O'Sullivan,Murphy,Kelly,Walsh,O'Connor,Byrne,Ryan,O'Neill,O'Reilly,Doyle,McCarthy,Gallagher,Doherty,Kennedy,Lynch,Murray,Quinn,Moore,O'Callaghan,Fitzgerald,Nolan,O'Leary,Brennan,Daly,Duffy,Ó Briain,Keane,D'Arcy,Hogan|Dublin,Cork,Galway,Limerick,Waterford|+353 1 555 ####|01 555 ####|ie|Ltd,DAC
Germany|Anna,Lukas,Mia,Leon,Emilia,Finn,Hannah,Jonas,Lina,Jürgen,Käthe,Björn,Sophie,Maximilian,Lea,Felix,Jörg,Günther,Marlene,Sören,Greta,Moritz,Ida,Matthias,Charlotte,Tobias,Anneliese,Dörte,Sebastian,Frieda|Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch,Bauer,Richter,Klein,Wolf,Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Hartmann,Lange,Weiß,Krause,Lehmann,Köhler,Jäger,Groß,Böhm,von Weizsäcker,Voß|Berlin,München,Hamburg,Köln,Frankfurt am Main,Düsseldorf,Nürnberg,Leipzig|+49 30 5550 ####|030 / 5550####|de|GmbH,AG,KG
France|Chloé,Léa,Hugo,Manon,Théo,Camille,Raphaël,Inès,Gaël,Zoé,Étienne,Élodie,Noémie,François,Aurélie,Jérôme,Hélène,Benoît,Océane,Loïc,Margaux,Rémi,Anaïs,Cédric,Mathilde,Grégoire,Solène,Thibault,Maëlys,Clément|Martin,Bernard,Dubois,Lefèvre,Moreau,Laurent,Lefebvre,Leroy,Garnier,Faure,Rousseau,Fontaine,Chevalier,Gauthier,Perrin,Béranger,Clément,D'Aubigné,Dumont,Marchand,Renaud,Barbier,Blanchard,Guérin,Boyer,Hébert,de La Tour,Vidal,Roux,Poirier,Fléchard,L'Hermitte|Paris,Lyon,Marseille,Toulouse,Nantes,Orléans,Besançon,Nîmes|+33 1 99 00 ## ##|01 99 00 ## ##|fr|SA,SARL,SAS
Spain|María,José,Lucía,Hugo,Martina,Mateo,Sofía,Íñigo,Ángela,Óscar,Begoña,Raúl,Inés,Andrés,Núria,Álvaro,Rocío,Joaquín,Belén,Tomás,Mónica,Rubén,Pilar,Adrián,Noelia,Sergio,Úrsula,Jesús,Marta,Iker|García,González,Rodríguez,Fernández,López,Martínez,Sánchez,Pérez,Gómez,Jiménez,Ruiz,Hernández,Díaz,Muñoz,Álvarez,Romero,Alonso,Gutiérrez,Navarro,Domínguez,Vázquez,Ramos,Núñez,Ibáñez,Peña,Cortés,Marín,de la Cruz,Sáez,Yáñez|Madrid,Barcelona,Sevilla,Valencia,Málaga,Cádiz,A Coruña,Zaragoza|+34 910 555 ###|910 55 5# ##|es|S.L.,S.A.
Italy|Giulia,Lorenzo,Sofia,Alessandro,Chiara,Niccolò,Aurora,Matteo,Beatrice,Nicolò,Ginevra,Davide,Alice,Gabriele,Martina,Edoardo,Vittoria,Riccardo,Elisa,Tommaso,Noemi,Federico,Camilla,Simone,Francesca,Leonardo|Rossi,Ferrari,Esposito,Bianchi,Romano,Colombo,Ricci,Marino,Greco,Bruno,Gallo,Conti,De Luca,Costa,Giordano,Mancini,D'Amico,Lombardi,Moretti,Barbieri,Fontana,Santoro,Mariani,Rinaldi,Dell'Acqua,Caruso,Ferrara,Galli,Martini,Leone,Nicolò|Milano,Roma,Torino,Bologna,Firenze,Forlì,Napoli,Genova|+39 02 5550 ####|02 5550 ####|it|S.p.A.,S.r.l.
Netherlands|Daan,Emma,Sem,Tess,Lucas,Sophie,Bram,Julia,Finn,Zoë,Milan,Noor,Jesse,Fleur,Thijs,Loïs,Ruben,Femke,Joris,Anouk,Sjoerd,Marijke,Koen,Hanneke,Niels,Saskia|de Jong,Jansen,de Vries,van den Berg,van Dijk,Bakker,Janssen,Visser,Smit,Meijer,de Boer,Mulder,de Groot,Bos,Vos,Peters,Hendriks,van Leeuwen,Dekker,Brouwer,de Wit,Dijkstra,Smits,de Graaf,van der Meer,Kok,Jacobs,van 't Hoff,Vermeulen,Schouten|Amsterdam,Rotterdam,Utrecht,Eindhoven,Den Haag,'s-Hertogenbosch|+31 20 555 ####|020-555 ####|nl|B.V.,N.V.
Sweden|Alice,Elias,Maja,Åke,Elsa,Björn,Astrid,Göran,Wilma,Hugo,Märta,Sören,Linnéa,Örjan,Saga,Oskar,Ebba,Håkan,Freja,Lars,Tuva,Mårten,Signe,Nils,Åsa,Viktor|Andersson,Johansson,Karlsson,Nilsson,Eriksson,Larsson,Olsson,Persson,Svensson,Gustafsson,Pettersson,Jonsson,Lindström,Lindqvist,Lindgren,Axelsson,Bergström,Lundberg,Lundgren,Mattsson,Berglund,Fredriksson,Sandberg,Åkesson,Sjöberg,Öberg,Wallin,Engström,Hedlund,Björk|Stockholm,Göteborg,Malmö,Uppsala,Västerås,Örebro|+46 8 555 ### ##|08-555 ### ##|se|AB
Denmark|Freja,Noah,Alma,Oscar,Ida,Søren,Clara,Jørgen,Karla,Bjørn,Agnes,Mads,Sofie,Rasmus,Åse,Mikkel,Signe,Anders,Maren,Jeppe,Lærke,Kåre,Mette,Frederik|Nielsen,Jensen,Hansen,Pedersen,Andersen,Christensen,Larsen,Sørensen,Rasmussen,Jørgensen,Petersen,Madsen,Kristensen,Olsen,Thomsen,Christiansen,Poulsen,Johansen,Møller,Mortensen,Bæk,Østergaard,Kjær,Dahl,Holm,Lund,Vestergård,Nygaard|København,Aarhus,Odense,Aalborg,Helsingør|+45 55 55 ## ##|55 55 ## ##|dk|A/S,ApS
Poland|Zofia,Jakub,Julia,Szymon,Łucja,Mikołaj,Małgorzata,Wojciech,Agnieszka,Paweł,Żaneta,Łukasz,Hanna,Michał,Bożena,Stanisław,Kinga,Sławomir,Iwona,Grzegorz,Róża,Przemysław,Ewa,Zbigniew|Nowak,Kowalski,Wiśniewski,Wójcik,Kowalczyk,Kamiński,Lewandowski,Zieliński,Szymański,Woźniak,Dąbrowski,Kozłowski,Jankowski,Mazur,Kwiatkowski,Krawczyk,Piotrowski,Grabowski,Pawłowski,Michalski,Król,Wróbel,Jabłoński,Wieczorek,Stępień,Malinowski,Górski,Sikora,Żak,Łuczak|Warszawa,Kraków,Łódź,Wrocław,Poznań,Gdańsk|+48 22 555 ## ##|22 555 ## ##|pl|Sp. z o.o.,S.A.
Czechia|Jiří,Tereza,Tomáš,Eliška,Ondřej,Šárka,Václav,Žaneta,Matěj,Lucie,Vojtěch,Kateřina,Zdeněk,Markéta,Luboš,Zuzana,Radek,Jaroslava,Štěpán,Michaela,Aleš,Věra|Novák,Svoboda,Novotný,Dvořák,Černý,Procházka,Kučera,Veselý,Krejčí,Horák,Němec,Pokorný,Marek,Pospíšil,Hájek,Jelínek,Král,Růžička,Beneš,Fiala,Sedláček,Doležal,Zeman,Kolář,Navrátil,Čermák,Vaněk,Urban,Šimek,Říha|Praha,Brno,Ostrava,Plzeň,České Budějovice|+420 255 5## ###|255 5## ###|cz|a.s.,s.r.o.
Portugal|João,Inês,Gonçalo,Matilde,Tomás,Leonor,Duarte,Beatriz,Simão,Conceição,António,Mariana,Vasco,Lúcia,Estêvão,Graça,Rui,Fátima,Nuno,Sílvia,Tiago,Glória|Silva,Santos,Ferreira,Pereira,Oliveira,Costa,Rodrigues,Martins,Jesus,Sousa,Fernandes,Gonçalves,Gomes,Lopes,Marques,Alves,Almeida,Ribeiro,Pinto,Carvalho,Teixeira,Moreira,Correia,Mendes,Nunes,Soares,Vieira,Monteiro,Simões,Assunção|Lisboa,Porto,Braga,Évora,Setúbal|+351 21 555 ####|21 555 ## ##|pt|Lda.,S.A.
Brazil|Ana,Miguel,Helena,Arthur,Laura,Heitor,Alice,Davi,Manuela,Bernardo,Luíza,Gabriel,Cecília,Théo,Heloísa,Enzo,Letícia,Caio,Antônia,Vinícius,Márcia,Otávio,Débora,Fábio,Patrícia,Sérgio|Souza,Lima,Araújo,Barbosa,Rocha,Dias,Nascimento,Andrade,Moura,Freitas,Batista,Campos,Cardoso,Teles,Cavalcanti,Guimarães,Pacheco,Conceição,Brandão,Falcão,Leão,Magalhães,Siqueira,Xavier,Assis,Bezerra,Câmara,Queirós,da Silva,dos Santos|São Paulo,Rio de Janeiro,Belo Horizonte,Brasília,Curitiba,Florianópolis|+55 11 5555-####|(11) 5555-####|com.br|Ltda.,S.A.
Mexico|Sofía,Santiago,Valentina,Mateo,Regina,Sebastián,Camila,Emiliano,Ximena,Ángel,Renata,Gael,Fernanda,Iván,Jimena,Joaquín,Mariana,Ramón,Paola,Efraín,Xóchitl,Héctor,Guadalupe,Julián|Hernández,García,Martínez,López,González,Pérez,Ramírez,Sánchez,Flores,Gómez,Torres,Vásquez,Reyes,Morales,Cruz,Ortiz,Chávez,Guzmán,Mendoza,Rojas,Salazar,Cárdenas,Zúñiga,Ávila,Bolaños,Treviño,Peña Nieto,Magaña,Villaseñor,Tún|Ciudad de México,Guadalajara,Monterrey,Mérida,León,Querétaro|+52 55 5555 ####|55 5555 ####|com.mx|S.A. de C.V.
Canada|Charlotte,Benjamin,Zoé,Nathan,Maëlle,William,Florence,Émile,Juliette,Samuel,Rosalie,Xavier,Béatrice,Félix,Olivia,Édouard,Éloïse,Thomas,Jade,Antoine,Léonie,Gabriel,Maude,Zachary|Tremblay,Gagnon,Roy,Côté,Bouchard,Gauthier,Morin,Lavoie,Fortin,Gagné,Ouellet,Pelletier,Bélanger,Lévesque,Bergeron,Leblanc,Paquette,Girard,Simard,Boucher,Caron,Beaulieu,Cloutier,Dubé,Poirier,MacDonald,Campbell,Stewart,Fraser,O'Donnell|Toronto,Montréal,Vancouver,Québec,Calgary,Ottawa|+1 416-555-####|416-555-####|ca|Inc.,Ltée
India|Aarav,Ananya,Vihaan,Diya,Arjun,Aadhya,Rohan,Ishita,Kabir,Kavya,Siddharth,Meera,Aditya,Priya,Rahul,Nisha,Vikram,Lakshmi,Karthik,Divya,Sanjay,Pooja,Nikhil,Shreya|Sharma,Patel,Singh,Kumar,Gupta,Reddy,Iyer,Nair,Mehta,Shah,Joshi,Desai,Chopra,Malhotra,Kapoor,Banerjee,Mukherjee,Chatterjee,Das,Bose,Rao,Menon,Pillai,Verma,Mishra,Pandey,D'Souza,Fernandes,Naidu,Krishnan|Mumbai,Bengaluru,Delhi,Hyderabad,Chennai,Pune|+91 22 5555 ####|022 5555 ####|in|Pvt. Ltd.,Ltd.
Japan|陽子=yoko,健太=kenta,美咲=misaki,翔太=shota,さくら=sakura,大輔=daisuke,結衣=yui,拓也=takuya,葵=aoi,直樹=naoki,恵=megumi,雄一=yuichi,由美=yumi,誠=makoto,真理子=mariko,浩=hiroshi,愛=ai,学=manabu|佐藤=sato,鈴木=suzuki,高橋=takahashi,田中=tanaka,伊藤=ito,渡辺=watanabe,山本=yamamoto,中村=nakamura,小林=kobayashi,加藤=kato,吉田=yoshida,山田=yamada,佐々木=sasaki,山口=yamaguchi,松本=matsumoto,井上=inoue,木村=kimura,林=hayashi,斎藤=saito,清水=shimizu,山崎=yamazaki,森=mori,池田=ikeda,橋本=hashimoto,阿部=abe,石川=ishikawa,前田=maeda,藤田=fujita|東京,大阪,京都,横浜,札幌|+81 3-5555-####|03-5555-####|co.jp|K.K.
Türkiye|Zeynep,Yusuf,Elif,Ömer,Defne,Çağlar,Azra,Gökhan,Ayşe,İbrahim,Şule,Barış,Özlem,Uğur,Gülşen,Emre,Büşra,Oğuz,Pınar,Kaan,Tuğba|Yılmaz,Kaya,Demir,Şahin,Çelik,Yıldız,Yıldırım,Öztürk,Aydın,Özdemir,Arslan,Doğan,Kılıç,Aslan,Çetin,Kara,Koç,Kurt,Özkan,Şimşek,Polat,Korkmaz,Çakır,Erdoğan,Güneş,Ünal,Ateş,Bozkurt,Işık,Gündoğdu|İstanbul,Ankara,İzmir,Eskişehir,Muğla|+90 212 555 ## ##|(0212) 555 ## ##|com.tr|A.Ş.,Ltd. Şti.
Australia|Charlotte,Jack,Amelia,Noah,Matilda,William,Isla,Leo,Harper,Thomas,Willow,Oscar,Ruby,Archer,Sienna,Cooper,Evie,Lachlan,Ivy,Hamish,Poppy,Angus,Zara,Flynn|Nguyen,Campbell,Kelly,Stewart,Robertson,Murray,Hunter,Watson,Burke,Doyle,McKenzie,Ferguson,Reid,Armstrong,O'Shea,Fitzpatrick,Gallagher,MacKenzie,Barnes,Webb,Osborne,Sinclair,Bishop,Lawson,Tran,Whitlam,Cunningham,Drummond,St. Clair,Abbott|Sydney,Melbourne,Brisbane,Perth,Hobart|+61 2 5550 ####|(02) 5550 ####|com.au|Pty Ltd
"""  # noqa: E501

STEMS = [
    "Alder",
    "Amber",
    "Apex",
    "Arbor",
    "Argo",
    "Atlas",
    "Aurora",
    "Axis",
    "Beacon",
    "Birch",
    "Blue Harbor",
    "Bright",
    "Canyon",
    "Cedar",
    "Cirrus",
    "Clearwater",
    "Cobalt",
    "Compass",
    "Copper",
    "Coral",
    "Crest",
    "Crystal",
    "Delta",
    "Dune",
    "Eagle",
    "Ember",
    "Evergreen",
    "Falcon",
    "Fern",
    "Fjord",
    "Forge",
    "Garnet",
    "Glacier",
    "Granite",
    "Harvest",
    "Hawthorn",
    "Helix",
    "Heron",
    "Horizon",
    "Indigo",
    "Iris",
    "Ivory",
    "Jasper",
    "Juniper",
    "Keystone",
    "Kite",
    "Lagoon",
    "Lantern",
    "Larch",
    "Lighthouse",
    "Linden",
    "Lotus",
    "Lumen",
    "Lynx",
    "Magnolia",
    "Maple",
    "Meridian",
    "Mistral",
    "Monarch",
    "Mosaic",
    "Nimbus",
    "Northwind",
    "Nova",
    "Oak",
    "Obsidian",
    "Onyx",
    "Opal",
    "Orbit",
    "Orchid",
    "Osprey",
    "Otter",
    "Palm",
    "Parallel",
    "Pebble",
    "Pine",
    "Pinnacle",
    "Pioneer",
    "Polaris",
    "Prairie",
    "Prism",
    "Quartz",
    "Quill",
    "Rain",
    "Raven",
    "Ridge",
    "River",
    "Rowan",
    "Saffron",
    "Sage",
    "Sequoia",
    "Sierra",
    "Silver",
    "Solstice",
    "Spruce",
    "Summit",
    "Swift",
    "Tide",
    "Timber",
    "Topaz",
    "Vela",
    "Vertex",
    "Willow",
]

SECTORS = (
    ("Analytics", "COMPUTER_SOFTWARE"),
    ("Robotics", "INDUSTRIAL_AUTOMATION"),
    ("Foods", "FOOD_PRODUCTION"),
    ("Logistics", "LOGISTICS_AND_SUPPLY_CHAIN"),
    ("Health", "HOSPITAL_HEALTH_CARE"),
    ("Energy", "RENEWABLES_ENVIRONMENT"),
    ("Media", "ONLINE_MEDIA"),
    ("Capital", "FINANCIAL_SERVICES"),
    ("Textiles", "TEXTILES"),
    ("Travel", "LEISURE_TRAVEL_TOURISM"),
    ("Learning", "E_LEARNING"),
    ("Furniture", "FURNITURE"),
    ("Optics", "MEDICAL_DEVICES"),
    ("Brewing", "WINE_AND_SPIRITS"),
    ("Software", "COMPUTER_SOFTWARE"),
    ("Retail", "RETAIL"),
    ("Automotive", "AUTOMOTIVE"),
    ("Bio", "BIOTECHNOLOGY"),
    ("Design", "DESIGN"),
    ("Marine", "MARITIME"),
    ("Packaging", "PACKAGING_AND_CONTAINERS"),
    ("Sports", "SPORTING_GOODS"),
    ("Telecom", "TELECOMMUNICATIONS"),
    ("Studios", "ENTERTAINMENT"),
)

JOB_TITLES = [
    "Marketing Manager",
    "Head of Marketing",
    "Chief Marketing Officer",
    "Growth Lead",
    "Demand Generation Manager",
    "Content Strategist",
    "Marketing Operations Manager",
    "Sales Director",
    "Account Executive",
    "Sales Development Representative",
    "VP Sales",
    "Revenue Operations",
    "Chief Executive Officer",
    "Founder",
    "Co-Founder",
    "Managing Director",
    "Geschäftsführerin",
    "Directrice générale",
    "Chief Technology Officer",
    "Software Engineer",
    "IT Manager",
    "Data Analyst",
    "Product Manager",
    "Head of Product",
    "UX Designer",
    "Customer Success Manager",
    "Support Lead",
    "Chief Financial Officer",
    "Controller",
    "Purchasing Manager",
    "Procurement Lead",
    "Operations Manager",
    "Chief Operating Officer",
    "HR Manager",
    "People Partner",
    "Office Manager",
    "Legal Counsel",
    "Research Scientist",
    "Consultant",
    "Partner",
    "Owner",
    "R&D Director",
    "Events Coordinator",
    "PR & Communications",
    "Brand Manager",
    "E-Commerce Manager",
    "SEO Specialist",
    "Web Developer",
    "Intern",
    "Student",
]


@dataclass(frozen=True, slots=True)
class Country:
    """One country's raw material; a name is (as written, as inside an e-mail address), a phone (template, its digits)."""

    name: str
    firsts: tuple[tuple[str, str], ...]
    lasts: tuple[tuple[str, str], ...]
    cities: tuple[str, ...]
    phones: tuple[tuple[str, int], ...]
    ending: str
    company_forms: tuple[str, ...]


_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ı": "i", "ð": "d"})


def spell(name: str) -> str:
    """The name in the letters of an e-mail address: O'Brien becomes obrien, Łukasz lukasz."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _read_names(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs with different spellings, so that first and last name together make a unique address."""
    pairs = (word.partition("=") for word in text.split(","))
    unique = {spelling or spell(name): name for name, _, spelling in pairs}
    return tuple((name, spelling) for spelling, name in unique.items())


def _read_country(line: str) -> Country:
    name, firsts, lasts, cities, international, local, ending, forms = line.split("|")
    return Country(
        name=name,
        firsts=_read_names(firsts),
        lasts=_read_names(lasts),
        cities=tuple(cities.split(",")),
        phones=tuple((phone.replace("#", "%s"), phone.count("#")) for phone in (international, local)),
        ending=ending,
        company_forms=tuple(forms.split(",")),
    )


COUNTRIES = tuple(_read_country(line) for line in _COUNTRIES.strip().splitlines())
