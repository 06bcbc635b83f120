"""Time zones.

Runs in the sandbox, which has no table of time zones of its own.
"""

from typing import Any

# The IANA time zone database: "rule | names | changes". A rule is the offset from UTC in minutes, or the usual one,
# the other one, and from when to when the other one holds: month.week.weekday.minute, in the local time until then.
# Changes since 2015 that the rule does not tell: minute since then = offset. Earlier times follow the rule.
_ZONES = """
0 | Africa/Abidjan Africa/Bissau Africa/Monrovia America/Danmarkshavn Etc/GMT Etc/UTC Factory GMT Etc/GMT+0 Etc/GMT-0
 Etc/GMT0 Etc/Greenwich Etc/UCT Etc/Universal Etc/Zulu GMT+0 GMT-0 GMT0 Greenwich Iceland UCT UTC Universal Zulu
 Africa/Accra Africa/Bamako Africa/Banjul Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Nouakchott
 Africa/Ouagadougou Atlantic/Reykjavik Atlantic/St_Helena Africa/Timbuktu
60 | Africa/Algiers Africa/Lagos Africa/Ndjamena Africa/Tunis Etc/GMT-1 Africa/Bangui Africa/Brazzaville Africa/Douala
 Africa/Kinshasa Africa/Libreville Africa/Luanda Africa/Malabo Africa/Niamey Africa/Porto-Novo
120 180 4.5.5.0 10.5.4.1440 | Africa/Cairo Egypt | 0=120 4376040=180
0 | Africa/Casablanca Africa/El_Aaiun | 0=0 125400=60 236280=0 286680=60 427800=0 649560=60 750360=0 800760=60
 962040=0 1173720=60 1254360=0 1314840=60 1486200=0 1697880=60 1768440=0 1818840=60 2010360=60 2282520=0 2332920=60
 2786520=0 2847000=60 3300600=0 3351000=60 3804600=0 3865080=60 4318680=0 4369080=60 4832760=0 4883160=60 5336760=0
 5397240=60 5850840=0 5901240=60 6163260=0
60 120 3.5.0.120 10.5.0.180 | Africa/Ceuta Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Brussels
 Europe/Budapest Europe/Gibraltar Europe/Madrid Europe/Malta Europe/Paris Europe/Prague Europe/Rome Europe/Tirane
 Europe/Vienna Europe/Warsaw Europe/Zurich CET MET Poland Arctic/Longyearbyen Europe/Amsterdam Europe/Bratislava
 Europe/Busingen Europe/Copenhagen Europe/Ljubljana Europe/Luxembourg Europe/Monaco Europe/Oslo Europe/Podgorica
 Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Vaduz Europe/Vatican Europe/Zagreb
 Atlantic/Jan_Mayen
120 | Africa/Johannesburg Africa/Maputo Africa/Tripoli Etc/GMT-2 Europe/Kaliningrad Libya Africa/Blantyre
 Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maseru
 Africa/Mbabane
120 | Africa/Juba | 0=180 3200940=120
120 | Africa/Khartoum | 0=180 1490220=120
180 | Africa/Nairobi Asia/Baghdad Asia/Qatar Asia/Riyadh Etc/GMT-3 Europe/Kirov Europe/Minsk Europe/Moscow
 Europe/Simferopol W-SU Africa/Addis_Ababa Africa/Asmara Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala
 Africa/Mogadishu Antarctica/Syowa Asia/Aden Asia/Bahrain Asia/Kuwait Indian/Antananarivo Indian/Comoro Indian/Mayotte
 Africa/Asmera
0 | Africa/Sao_Tome | 0=0 1578300=60 2103900=0
120 | Africa/Windhoek | 0=120 135360=60 357180=120 659520=60 881340=120 1183680=60 1405500=120
-600 -540 3.2.0.120 11.1.0.120 | America/Adak US/Aleutian America/Atka
-540 -480 3.2.0.120 11.1.0.120 | America/Anchorage America/Juneau America/Nome America/Sitka America/Yakutat US/Alaska
-180 | America/Araguaina America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/Cordoba
 America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos
 America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman
 America/Argentina/Ushuaia America/Bahia America/Belem America/Cayenne America/Fortaleza America/Maceio
 America/Paramaribo America/Recife America/Santarem Antarctica/Rothera Atlantic/Stanley Etc/GMT+3 America/Buenos_Aires
 America/Catamarca America/Cordoba America/Jujuy America/Mendoza America/Argentina/ComodRivadavia America/Rosario
-180 | America/Asuncion | 0=-180 115380=-240 397680=-180 649620=-240 921840=-180 1173780=-240 1446000=-180
 1697940=-240 1980240=-180 2222100=-240 2504400=-180 2746260=-240 3028560=-180 3280500=-240 3552720=-180 3804660=-240
 4076880=-180 4328820=-240 4601040=-180 4852980=-240 5135280=-180 5148180=-180
-360 | America/Bahia_Banderas America/Merida America/Mexico_City America/Monterrey Mexico/General | 0=-360 135840=-300
 428100=-360 660000=-300 962340=-360 1184160=-300 1486500=-360 1708320=-300 2010660=-360 2242560=-300 2534820=-360
 2766720=-300 3058980=-360 3290880=-300 3593220=-360 3815040=-300 4117380=-360
-240 | America/Barbados America/Boa_Vista America/Guyana America/La_Paz America/Manaus America/Martinique
 America/Porto_Velho America/Puerto_Rico America/Santo_Domingo Etc/GMT+4 Brazil/West America/Virgin America/Anguilla
 America/Antigua America/Aruba America/Blanc-Sablon America/Curacao America/Dominica America/Grenada
 America/Guadeloupe America/Kralendijk America/Lower_Princes America/Marigot America/Montserrat America/Port_of_Spain
 America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Tortola
-360 | America/Belize America/Costa_Rica America/El_Salvador America/Guatemala America/Managua America/Regina
 America/Swift_Current America/Tegucigalpa Etc/GMT+6 Pacific/Galapagos Canada/Saskatchewan
-300 | America/Bogota America/Eirunepe America/Guayaquil America/Jamaica America/Lima America/Panama
 America/Rio_Branco Etc/GMT+5 Brazil/Acre EST Jamaica America/Atikokan America/Cayman America/Coral_Harbour
 America/Porto_Acre
-420 -360 3.2.0.120 11.1.0.120 | America/Boise America/Cambridge_Bay America/Denver MST7MDT Navajo US/Mountain
 America/Shiprock
-240 | America/Campo_Grande America/Cuiaba | 0=-180 75060=-240 417840=-180 599220=-240 942000=-180 1123380=-240
 1466160=-180 1647540=-240 2020560=-180 2171700=-240
-300 | America/Cancun | 0=-360 45120=-300
-240 | America/Caracas | 0=-270 700260=-240
-360 -300 3.2.0.120 11.1.0.120 | America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Matamoros
 America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem
 America/Rankin_Inlet America/Resolute CST6CDT US/Central US/Indiana-Starke America/Knox_IN
-360 | America/Chihuahua | 0=-420 135900=-360 428160=-420 660060=-360 962400=-420 1184220=-360 1486560=-420
 1708380=-360 2010720=-420 2242620=-360 2534880=-420 2766780=-360 3059040=-420 3290940=-360 3593280=-420 3815100=-360
 4117440=-360
-420 -360 3.2.0.120 11.1.0.120 | America/Ciudad_Juarez | 0=-420 95580=-360 438240=-420 629820=-360 972480=-420
 1153980=-360 1496640=-420 1678140=-360 2020800=-420 2202300=-360 2544960=-420 2726460=-360 3069120=-420 3260700=-360
 3603360=-420 3784860=-360 4117440=-360 4161960=-420
-180 | America/Coyhaique | 0=-180 720180=-240 851280=-180 1244340=-240 1375440=-180 1768500=-240 1899600=-180
 2242260=-240 2464080=-180 2766420=-240 2988240=-180 3290580=-240 3512400=-180 3814740=-240 4046640=-180 4338900=-240
 4560720=-180 4873140=-240 5094960=-180 5372820=-180
-420 | America/Dawson America/Whitehorse Canada/Yukon | 0=-480 95640=-420 438300=-480 629880=-420 972540=-480
 1154040=-420 1496700=-480 1678200=-420 2020860=-480 2202360=-420 2545020=-480 2726520=-420 3069060=-420
-420 | America/Dawson_Creek America/Hermosillo America/Phoenix Etc/GMT+7 MST US/Arizona America/Creston
-300 -240 3.2.0.120 11.1.0.120 | America/Detroit America/Indiana/Indianapolis America/Indiana/Marengo
 America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Iqaluit
 America/Kentucky/Louisville America/Kentucky/Monticello America/New_York America/Toronto EST5EDT Canada/Eastern
 US/East-Indiana US/Eastern US/Michigan America/Indianapolis America/Louisville America/Nassau America/Fort_Wayne
 America/Montreal America/Nipigon America/Pangnirtung America/Thunder_Bay
-360 | America/Edmonton America/Inuvik Canada/Mountain America/Yellowknife | 0=-420 95580=-360 438240=-420 629820=-360
 972480=-420 1153980=-360 1496640=-420 1678140=-360 2020800=-420 2202300=-360 2544960=-420 2726460=-360 3069120=-420
 3260700=-360 3603360=-420 3784860=-360 4127520=-420 4309020=-360 4651680=-420 4833180=-360 5175840=-420 5357340=-360
 5700000=-420 5881500=-360 6224160=-360
-420 | America/Fort_Nelson | 0=-480 95640=-420
-240 -180 3.2.0.120 11.1.0.120 | America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule
 Atlantic/Bermuda Canada/Atlantic
-300 -240 3.2.0.120 11.1.0.120 | America/Grand_Turk | 0=-300 95460=-240 1678020=-240
-300 -240 3.2.0.0 11.1.0.60 | America/Havana Cuba | 0=-300 95340=-240 438060=-300 629580=-240 972300=-300 1153740=-240
 1496460=-300 1677900=-240 2020620=-300 2202060=-240 2544780=-300 2726220=-240 3068940=-300 3260460=-240 3603180=-300
 3784620=-240 4127340=-300 4308780=-240 4651500=-300 4832940=-240 5175660=-300 5357100=-240 5699820=-300 5881260=-240
 6758220=-300
-480 -420 3.2.0.120 11.1.0.120 | America/Los_Angeles America/Tijuana PST8PDT Mexico/BajaNorte US/Pacific
 America/Ensenada America/Santa_Isabel
-420 | America/Mazatlan Mexico/BajaSur | 0=-420 135900=-360 428160=-420 660060=-360 962400=-420 1184220=-360
 1486560=-420 1708380=-360 2010720=-420 2242620=-360 2534880=-420 2766780=-360 3059040=-420 3290940=-360 3593280=-420
 3815100=-360 4117440=-420
-540 -480 3.2.0.120 11.1.0.120 | America/Metlakatla | 0=-480 438360=-540 629940=-480 972600=-540 1154100=-480
 1496760=-540 1678260=-480 2020920=-480 2131800=-540
-180 -120 3.2.0.120 11.1.0.120 | America/Miquelon
-180 | America/Montevideo | 0=-120 95280=-180
-120 | America/Noronha Atlantic/South_Georgia Etc/GMT+2 Brazil/DeNoronha
-120 -60 3.5.0.-60 10.5.0.0 | America/Nuuk America/Godthab | 0=-180 125340=-120 427740=-180 649500=-120 961980=-180
 1173660=-120 1486140=-180 1697820=-120 2010300=-180 2232060=-120 2534460=-180 2756220=-120 3058620=-180 3280380=-120
 3592860=-180 3804540=-120 4117020=-180 4328700=-120 4641180=-120
-360 -300 3.2.0.120 11.1.0.120 | America/Ojinaga | 0=-420 95580=-360 438240=-420 629820=-360 972480=-420 1153980=-360
 1496640=-420 1678140=-360 2020800=-420 2202300=-360 2544960=-420 2726460=-360 3069120=-420 3260700=-360 3603360=-420
 3784860=-360 4117440=-360 4161960=-360
-300 -240 3.2.0.120 11.1.0.120 | America/Port-au-Prince | 0=-300 95460=-240 438120=-300 1153860=-240
-180 | America/Punta_Arenas Antarctica/Palmer | 0=-180 720180=-240 851280=-180 1012500=-180
-240 -180 9.1.6.1440 4.1.6.1440 | America/Santiago Chile/Continental | 0=-180 720180=-240 851280=-180 1244340=-240
 1375440=-180 1768500=-240 1899600=-180 2242260=-240 2464080=-180 2766420=-240 2988240=-180 3290580=-240 3512400=-180
 3814740=-240 4046640=-180 4338900=-240
-180 | America/Sao_Paulo Brazil/East | 0=-120 75000=-180 417780=-120 599160=-180 941940=-120 1123320=-180 1466100=-120
 1647480=-180 2020500=-120 2171640=-180
-120 -60 3.5.0.-60 10.5.0.0 | America/Scoresbysund | 0=-60 125340=0 427740=-60 649500=0 961980=-60 1173660=0
 1486140=-60 1697820=0 2010300=-60 2232060=0 2534460=-60 2756220=0 3058620=-60 3280380=0 3592860=-60 3804540=0
 4117020=-60 4328700=0 4641180=-60 4862940=-60
-210 -150 3.2.0.120 11.1.0.120 | America/St_Johns Canada/Newfoundland
-420 | America/Vancouver Canada/Pacific | 0=-480 95640=-420 438300=-480 629880=-420 972540=-480 1154040=-420
 1496700=-480 1678200=-420 2020860=-480 2202360=-420 2545020=-480 2726520=-420 3069180=-480 3260760=-420 3603420=-480
 3784920=-420 4127580=-480 4309080=-420 4651740=-480 4833240=-420 5175900=-480 5357400=-420 5700060=-480 5881560=-420
 6224220=-420
-300 | America/Winnipeg Canada/Central America/Rainy_River | 0=-360 95520=-300 438180=-360 629760=-300 972420=-360
 1153920=-300 1496580=-360 1678080=-300 2020740=-360 2202240=-300 2544900=-360 2726400=-300 3069060=-360 3260640=-300
 3603300=-360 3784800=-300 4127460=-360 4308960=-300 4651620=-360 4833120=-300 5175780=-360 5357280=-300 5699940=-360
 5881440=-300 6224100=-300
480 | Antarctica/Casey | 0=480 949920=660 1677180=480 1979760=660 2211360=480 2500980=660 2725440=480 3027841=660
 3259500=480 3552001=660 3783660=480 4076161=660 4303680=480
420 | Antarctica/Davis Asia/Bangkok Asia/Ho_Chi_Minh Asia/Jakarta Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Pontianak
 Etc/GMT-7 Asia/Phnom_Penh Asia/Vientiane Indian/Christmas Asia/Saigon
600 660 10.1.0.120 4.1.0.180 | Antarctica/Macquarie Australia/Hobart Australia/Melbourne Australia/Sydney
 Australia/ACT Australia/NSW Australia/Tasmania Australia/Victoria Australia/Canberra Australia/Currie
300 | Antarctica/Mawson Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Atyrau Asia/Dushanbe Asia/Karachi Asia/Oral
 Asia/Samarkand Asia/Tashkent Asia/Yekaterinburg Etc/GMT-5 Indian/Maldives Indian/Kerguelen Asia/Ashkhabad
0 120 3.5.0.60 10.5.0.180 | Antarctica/Troll
300 | Antarctica/Vostok | 0=420 4712820=300
300 | Asia/Almaty Asia/Qostanay | 0=360 4819320=300
180 | Asia/Amman | 0=120 122280=180 434760=120 656520=180 958920=120 1180680=180 1483080=120 1704840=180 2007240=120
 2229000=180 2531400=120 2753160=180 3065640=120 3277320=180 3589800=120 3761160=180 4113960=180
720 | Asia/Anadyr Asia/Kamchatka Etc/GMT-12 Pacific/Kwajalein Pacific/Nauru Pacific/Tarawa Kwajalein Pacific/Funafuti
 Pacific/Majuro Pacific/Wake Pacific/Wallis
240 | Asia/Baku | 0=240 125280=300 427680=240
420 | Asia/Barnaul | 0=360 649200=420
120 180 3.5.0.0 10.5.0.0 | Asia/Beirut
360 | Asia/Bishkek Asia/Dhaka Asia/Omsk Asia/Thimphu Asia/Urumqi Etc/GMT-6 Indian/Chagos Asia/Kashgar Asia/Dacca
 Asia/Thimbu
540 | Asia/Chita | 0=480 649080=540
330 | Asia/Colombo Asia/Kolkata Asia/Calcutta
180 | Asia/Damascus | 0=120 122280=180 434700=120 646440=180 958860=120 1180680=180 1483020=120 1704840=180
 2007180=120 2229000=180 2531340=120 2753160=180 3065580=120 3277320=180 3589740=120 3801480=180 4113900=180
540 | Asia/Dili Asia/Jayapura Asia/Khandyga Asia/Seoul Asia/Tokyo Asia/Yakutsk Etc/GMT-9 Pacific/Palau Japan ROK
240 | Asia/Dubai Asia/Tbilisi Asia/Yerevan Etc/GMT-4 Europe/Samara Indian/Mauritius Asia/Muscat Indian/Mahe
 Indian/Reunion
120 180 3.5.0.180 10.5.0.240 | Asia/Famagusta | 0=120 125340=180 427740=120 649500=180 886860=180 1486140=120
120 180 3.4.4.3000 10.4.4.3000 | Asia/Gaza Asia/Hebron | 0=120 123720=180 424680=120 647940=180 960360=120 1172100=180
 1484520=120 1696260=180 2008680=120 2229000=180 2532780=120 2754600=180 3057000=120 3278760=180 3589800=120
 3804360=180 4115460=120 4377600=180 4639620=120 4891680=180 5163780=120 5405760=180 5687940=120 5909760=180
 6212100=120 6433920=180 6746340=120 6958080=180 7270500=120 7482240=180 7794660=120 8016480=180 8318820=120
 8540640=180 8842980=120 9064800=180 9377220=120 9588960=180 9901380=120 10113120=180 10425540=120 10637280=180
 10949700=120 11171520=180 11463780=120 11695680=180 11977860=120
480 | Asia/Hong_Kong Asia/Irkutsk Asia/Kuching Asia/Macau Asia/Makassar Asia/Manila Asia/Shanghai Asia/Singapore
 Asia/Taipei Australia/Perth Etc/GMT-8 Australia/West Hongkong PRC ROC Singapore Asia/Brunei Asia/Kuala_Lumpur
 Asia/Chongqing Asia/Harbin Asia/Chungking Asia/Macao Asia/Ujung_Pandang
420 | Asia/Hovd | 0=420 123540=480 385440=420 647700=480 909600=420
120 180 3.4.4.1560 10.5.0.120 | Asia/Jerusalem Israel Asia/Tel_Aviv
270 | Asia/Kabul
345 | Asia/Kathmandu Asia/Katmandu
660 | Asia/Magadan | 0=600 689280=660
120 180 3.5.0.180 10.5.0.240 | Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kyiv Europe/Riga
 Europe/Sofia Europe/Tallinn Europe/Vilnius EET Europe/Mariehamn Europe/Uzhgorod Europe/Zaporozhye Europe/Kiev
 Europe/Nicosia
420 | Asia/Novosibirsk | 0=360 820560=420
540 | Asia/Pyongyang | 0=540 324900=510 1756260=540
300 | Asia/Qyzylorda | 0=360 2087640=300
660 | Asia/Sakhalin | 0=600 648960=660
660 | Asia/Srednekolymsk Etc/GMT-11 Pacific/Bougainville Pacific/Efate Pacific/Guadalcanal Pacific/Kosrae
 Pacific/Noumea Pacific/Pohnpei Pacific/Ponape
210 | Asia/Tehran Iran | 0=210 114990=270 379890=210 640590=270 905490=210 1167630=270 1432530=210 1693230=270
 1958130=210 2218830=270 2483730=210 2744430=270 3009330=210 3271470=270 3536370=210 3797070=270 4061970=210
420 | Asia/Tomsk | 0=360 739920=420
480 | Asia/Ulaanbaatar Asia/Choibalsan Asia/Ulan_Bator | 0=480 123480=540 385380=480 647640=540 909540=480
600 | Asia/Ust-Nera Asia/Vladivostok Australia/Brisbane Australia/Lindeman Etc/GMT-10 Pacific/Guam
 Pacific/Port_Moresby Australia/Queensland Antarctica/DumontDUrville Pacific/Chuuk Pacific/Saipan Pacific/Yap
 Pacific/Truk
390 | Asia/Yangon Indian/Cocos Asia/Rangoon
-60 0 3.5.0.0 10.5.0.60 | Atlantic/Azores
0 60 3.5.0.60 10.5.0.120 | Atlantic/Canary Atlantic/Faroe Atlantic/Madeira Europe/Lisbon Europe/London GB GB-Eire
 Portugal Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/Belfast WET Atlantic/Faeroe
-60 | Atlantic/Cape_Verde Etc/GMT+1
570 630 10.1.0.120 4.1.0.180 | Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna
570 | Australia/Darwin Australia/North
525 | Australia/Eucla
630 660 10.1.0.120 4.1.0.120 | Australia/Lord_Howe Australia/LHI
-600 | Etc/GMT+10 Pacific/Honolulu Pacific/Rarotonga Pacific/Tahiti US/Hawaii Pacific/Johnston HST
-660 | Etc/GMT+11 Pacific/Niue Pacific/Pago_Pago US/Samoa Pacific/Samoa Pacific/Midway
-720 | Etc/GMT+12
-480 | Etc/GMT+8 Pacific/Pitcairn
-540 | Etc/GMT+9 Pacific/Gambier
780 | Etc/GMT-13 Pacific/Fakaofo Pacific/Kanton Pacific/Enderbury
840 | Etc/GMT-14 Pacific/Kiritimati
240 | Europe/Astrakhan Europe/Ulyanovsk | 0=180 649380=240
120 180 3.5.0.180 10.5.0.240 | Europe/Chisinau Europe/Tiraspol | 0=120 125280=180 427680=120 649440=180 961920=120
 1173600=180 1486080=120 1697760=180 2010240=120 2232000=180 2534400=120 2756160=180 3058560=120 3280320=180
 3592800=120 3681960=120
60 0 10.5.0.120 3.5.0.60 | Europe/Dublin Eire
180 | Europe/Istanbul Turkey Asia/Istanbul | 0=120 125340=180 447900=120 649500=180 885420=180
240 | Europe/Saratov | 0=180 1012260=240
180 | Europe/Volgograd | 0=180 2010180=240 3149160=180
780 | Pacific/Apia | 0=840 134760=780 386760=840 658920=780 910920=840 1183080=780 1435080=840 1707240=780 1969320=840
 2241480=780 2493480=840 2765640=780 3017640=840 3289800=780
720 780 9.5.0.120 4.1.0.180 | Pacific/Auckland NZ Antarctica/McMurdo Antarctica/South_Pole
765 825 9.5.0.165 4.1.0.225 | Pacific/Chatham NZ-CHAT
-360 -300 9.1.6.1320 4.1.6.1320 | Pacific/Easter Chile/EasterIsland | 0=-300 720180=-360 851280=-300 1244340=-360
 1375440=-300 1768500=-360 1899600=-300 2242260=-360 2464080=-300 2766420=-360 2988240=-300 3290580=-360 3512400=-300
 3814740=-360 4046640=-300 4338900=-360
720 | Pacific/Fiji | 0=780 23880=720 437160=780 548040=720 971400=780 1072200=720 1495560=780 1596360=720 2019720=780
 2120520=720 2553960=780 2644680=720 3138600=780 3178920=720
-570 | Pacific/Marquesas
660 720 10.1.0.120 4.1.0.180 | Pacific/Norfolk | 0=690 396870=660 2363820=660
780 | Pacific/Tongatapu | 0=780 971340=840 1072140=780
"""
_SINCE_1970_TO_2015 = 1420070400
_RULE_OF: dict[str, tuple[int, int, Any, Any, list[tuple[int, int]]]] = {}
_CHANGES_OF_YEAR: dict[tuple[str, int], tuple[int, int]] = {}
_DAY = 86400


def _zone_rule(name: str) -> tuple[int, int, Any, Any, list[tuple[int, int]]]:
    """(usual offset, other offset, from when, until when, changes); offsets and times in seconds."""
    if name not in _RULE_OF:
        _RULE_OF[name] = _find_zone_rule(name)
    return _RULE_OF[name]


def _find_zone_rule(name: str) -> tuple[int, int, Any, Any, list[tuple[int, int]]]:
    wanted = name.strip().lower().replace("_slash_", "/").replace(" ", "_")
    for row in _ZONES.strip().replace("\n ", " ").split("\n"):
        if wanted in row.split(" | ")[1].lower().split(" "):
            return _read_zone_rule(row)
    raise ValueError("There is no time zone called " + name[:60])


def _read_zone_rule(row: str) -> tuple[int, int, Any, Any, list[tuple[int, int]]]:
    parts = row.split(" | ")
    words = parts[0].split(" ")
    changes = []
    for change in parts[2].split(" ") if len(parts) > 2 else []:
        minute, offset = change.split("=")
        changes.append((int(minute) * 60 + _SINCE_1970_TO_2015, int(offset) * 60))
    usual = int(words[0]) * 60
    if len(words) == 1:
        return usual, usual, None, None, changes
    start, end = [[int(number) for number in word.split(".")] for word in words[2:]]
    return usual, int(words[1]) * 60, start, end, changes


def _zone_offset(name: str, moment: int) -> int:
    """Seconds that this zone is ahead of UTC at a moment in seconds since 1970."""
    usual, other, start, end, changes = _zone_rule(name)
    if changes and changes[0][0] <= moment < changes[-1][0]:
        found = usual
        for since, offset in changes:
            if since > moment:
                break
            found = offset
        return found
    if start is None:
        return usual
    year = _year_of(moment + usual)
    key = (name, year)
    if key not in _CHANGES_OF_YEAR:
        _CHANGES_OF_YEAR[key] = (_moment_of(year, start) - usual, _moment_of(year, end) - other)
    begins, ends = _CHANGES_OF_YEAR[key]
    is_other = begins <= moment < ends if begins < ends else not ends <= moment < begins
    return other if is_other else usual


def _local_offset(name: str, local: int) -> int:
    """The same for a local time: of two that it may mean the earlier, and for one that was left out the time before."""
    before, after = _zone_offset(name, local - _DAY), _zone_offset(name, local + _DAY)
    if before == after or _zone_offset(name, local - before) == before:
        return before
    return after if _zone_offset(name, local - after) == after else before


def _days_until(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a day of the Gregorian calendar."""
    if month < 3:
        year -= 1
        month += 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719469


def _year_of(moment: int) -> int:
    year = 1970 + moment // 31556952
    if moment // _DAY < _days_until(year, 1, 1):
        return year - 1
    return year + 1 if moment // _DAY >= _days_until(year + 1, 1, 1) else year


def _moment_of(year: int, when: list[int]) -> int:
    """Seconds since 1970, in local time, of "the second Sunday of March, 02:00" (week 5 is the last)."""
    month, week, weekday, minute = when
    first = _days_until(year, month, 1)
    day = first + (weekday - first - 4) % 7 + (week - 1) * 7
    if week == 5 and day >= _days_until(year + month // 12, month % 12 + 1, 1):
        day -= 7
    return day * _DAY + minute * 60
