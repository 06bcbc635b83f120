"""The right pairs, found by hand before the matcher was tuned, and pairs that look right and are not.

A line is "source → destination". `right` pairs are what a careful person would map without asking; `acceptable` ones
are a matter of taste and count for nothing; every other pair is wrong, and `traps` are the wrong ones worth naming.
Only the pairs without `held_out` were looked at while the vocabulary was written.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gold:
    """The right answer for one source and one destination, by the names of their field lists."""

    source: str
    destination: str
    right: str
    acceptable: str = ""
    traps: str = ""
    held_out: bool = False

    @property
    def name(self) -> str:
        return f"{self.source} → {self.destination}"


def read_pairs(text: str) -> frozenset[tuple[str, str]]:
    """The pairs of a block of lines; several on one line are separated by commas."""
    pairs = [one for line in text.strip().splitlines() for one in line.split(",") if one.strip()]
    return frozenset((a.strip(), b.strip()) for a, b in (pair.split("→") for pair in pairs))


GOLD = (
    Gold(
        "hubspot_contacts",
        "salesforce_lead",
        right="""
        email → Email, firstname → FirstName, lastname → LastName, salutation → Salutation, jobtitle → Title
        company → Company, phone → Phone, mobilephone → MobilePhone, fax → Fax, website → Website
        address → Street, city → City, state → State, zip → PostalCode, country → Country
        industry → Industry, annualrevenue → AnnualRevenue, hs_email_optout → HasOptedOutOfEmail
        """,
        acceptable="""
        hs_analytics_source → LeadSource, message → Description, gender → GenderIdentity
        hs_latitude → Latitude, hs_longitude → Longitude, hs_email_hard_bounce_reason → EmailBouncedReason
        """,
        traps="""
        hs_lead_status → Status, hs_predictivecontactscorebucket → Rating, numemployees → NumberOfEmployees
        hs_email_domain → Email, work_email → Email, hubspot_owner_id → OwnerId, fax → Phone, ip_city → City
        hs_whatsapp_phone_number → MobilePhone, total_revenue → AnnualRevenue, associatedcompanyid → DandbCompanyId
        hs_email_optout_158454380 → HasOptedOutOfEmail, ip_country → Country, lifecyclestage → Status
        hs_full_name_or_email → LastName, createdate → FirstEmailDateTime
        """,
    ),
    Gold(
        "salesforce_lead",
        "hubspot_contacts",
        right="""
        Email → email, FirstName → firstname, LastName → lastname, Salutation → salutation, Title → jobtitle
        Company → company, Phone → phone, MobilePhone → mobilephone, Fax → fax, Website → website
        Street → address, City → city, State → state, PostalCode → zip, Country → country
        Industry → industry, AnnualRevenue → annualrevenue
        """,
        acceptable="""
        GenderIdentity → gender, Description → message, PhotoUrl → photo, NumberOfEmployees → company_size
        """,
        traps="""
        Status → hs_lead_status, NumberOfEmployees → numemployees, Email → work_email, OwnerId → hubspot_owner_id
        Phone → hs_whatsapp_phone_number, Company → company_size, Title → salutation, Rating → lifecyclestage
        FirstCallDateTime → start_date, CompanyDunsNumber → company
        """,
    ),
    Gold(
        "hubspot_companies",
        "salesforce_account",
        right="""
        name → Name, website → Website, phone → Phone, industry → Industry, type → Type, description → Description
        address → BillingStreet, city → BillingCity, state → BillingState, zip → BillingPostalCode
        country → BillingCountry, annualrevenue → AnnualRevenue, numberofemployees → NumberOfEmployees
        founded_year → YearStarted
        """,
        acceptable="""
        hs_analytics_source → AccountSource, hs_latitude → BillingLatitude, hs_longitude → BillingLongitude
        domain → Website
        """,
        traps="""
        hs_parent_company_id → ParentId, hubspot_owner_id → OwnerId, total_revenue → AnnualRevenue, phone → Fax
        city → ShippingCity, country → ShippingCountry, address → ShippingStreet, hs_industry_group → Industry
        hs_employee_range → NumberOfEmployees, website → Site, hs_lead_status → Rating, is_public → Ownership
        address2 → BillingStreet, hs_object_id → AccountNumber, description → SicDesc, industry → SicDesc
        """,
    ),
    Gold(
        "hubspot_contacts",
        "mailchimp_members",
        right="""
        email → email_address, firstname → FNAME, lastname → LNAME, phone → PHONE, company → COMPANY
        address → ADDRESS.addr1, city → ADDRESS.city, state → ADDRESS.state, zip → ADDRESS.zip
        country → ADDRESS.country, date_of_birth → BIRTHDAY, hs_language → language
        """,
        acceptable="hs_latitude → location.latitude, hs_longitude → location.longitude",
        traps="""
        hs_email_optout → status, hs_marketable_status → status, lifecyclestage → status, hs_lead_status → status
        hs_email_domain → email_address, createdate → timestamp_signup, mobilephone → PHONE, work_email → email_address
        address → ADDRESS.addr2, relationship_status → status, military_status → status
        """,
    ),
    Gold(
        "segment_traits",
        "hubspot_contacts",
        right="""
        traits.email → email, traits.firstName → firstname, traits.lastName → lastname, traits.phone → phone
        traits.title → jobtitle, traits.website → website, traits.company.name → company
        traits.company.industry → industry, traits.address.street → address, traits.address.city → city
        traits.address.state → state, traits.address.postalCode → zip, traits.address.country → country
        traits.birthday → date_of_birth, traits.gender → gender
        """,
        acceptable="""
        traits.avatar → photo, traits.description → message, traits.company.employee_count → company_size
        """,
        traps="""
        traits.username → twitterhandle, traits.company.id → associatedcompanyid, userId → hs_facebookid
        traits.company.employee_count → numemployees, traits.name → lastname, traits.email → work_email
        traits.name → company, traits.company.name → lastname
        """,
    ),
    Gold(
        "salesforce_contact",
        "mailchimp_members",
        right="""
        Email → email_address, FirstName → FNAME, LastName → LNAME, Phone → PHONE, Birthdate → BIRTHDAY
        MailingStreet → ADDRESS.addr1, MailingCity → ADDRESS.city, MailingState → ADDRESS.state
        MailingPostalCode → ADDRESS.zip, MailingCountry → ADDRESS.country
        """,
        acceptable="MailingLatitude → location.latitude, MailingLongitude → location.longitude",
        traps="""
        OtherCity → ADDRESS.city, HomePhone → PHONE, AssistantPhone → PHONE, HasOptedOutOfEmail → status
        Fax → PHONE, AccountId → COMPANY, AssistantName → FNAME, OtherStreet → ADDRESS.addr2
        """,
    ),
    Gold(
        "salesforce_account",
        "hubspot_companies",
        held_out=True,
        right="""
        Name → name, Website → website, Phone → phone, Industry → industry, Type → type, Description → description
        BillingStreet → address, BillingCity → city, BillingState → state, BillingPostalCode → zip
        BillingCountry → country, AnnualRevenue → annualrevenue, NumberOfEmployees → numberofemployees
        YearStarted → founded_year
        """,
        acceptable="Website → domain, PhotoUrl → hs_logo_url",
        traps="""
        Site → website, ShippingCity → city, ShippingStreet → address2, Fax → phone, Rating → hs_lead_status
        OwnerId → hubspot_owner_id, Description → about_us, Industry → hs_industry_group, Ownership → is_public
        SicDesc → description, NumberOfEmployees → hs_employee_range, Name → domain
        """,
    ),
    Gold(
        "hubspot_contacts",
        "salesforce_contact",
        held_out=True,
        right="""
        email → Email, firstname → FirstName, lastname → LastName, salutation → Salutation, jobtitle → Title
        phone → Phone, mobilephone → MobilePhone, fax → Fax, date_of_birth → Birthdate
        address → MailingStreet, city → MailingCity, state → MailingState, zip → MailingPostalCode
        country → MailingCountry, hs_state_code → MailingStateCode, hs_country_region_code → MailingCountryCode
        hs_email_optout → HasOptedOutOfEmail
        """,
        acceptable="""
        hs_analytics_source → LeadSource, message → Description, gender → GenderIdentity
        hs_latitude → MailingLatitude, hs_longitude → MailingLongitude
        hs_email_hard_bounce_reason → EmailBouncedReason
        """,
        traps="""
        associatedcompanyid → AccountId, hubspot_owner_id → OwnerId, company → AccountId, work_email → Email
        city → OtherCity, country → OtherCountry, address → OtherStreet, phone → HomePhone, phone → OtherPhone
        phone → AssistantPhone, hs_email_domain → Email, fax → Phone, ip_country_code → MailingCountryCode
        hs_country_region_code → OtherCountryCode, start_date → Birthdate, hs_role → Department
        """,
    ),
    Gold(
        "salesforce_contact",
        "hubspot_contacts",
        held_out=True,
        right="""
        Email → email, FirstName → firstname, LastName → lastname, Salutation → salutation, Title → jobtitle
        Phone → phone, MobilePhone → mobilephone, Fax → fax, Birthdate → date_of_birth
        MailingStreet → address, MailingCity → city, MailingState → state, MailingPostalCode → zip
        MailingCountry → country, MailingStateCode → hs_state_code, MailingCountryCode → hs_country_region_code
        """,
        acceptable="GenderIdentity → gender, Description → message, PhotoUrl → photo",
        traps="""
        AccountId → associatedcompanyid, OwnerId → hubspot_owner_id, Email → work_email, OtherCity → city
        OtherCountry → country, HomePhone → phone, OtherPhone → hs_whatsapp_phone_number, AssistantName → firstname
        Name → company, Department → job_function, OtherCountryCode → hs_country_region_code
        """,
    ),
    Gold(
        "mailchimp_members",
        "hubspot_contacts",
        held_out=True,
        right="""
        email_address → email, FNAME → firstname, LNAME → lastname, PHONE → phone, COMPANY → company
        ADDRESS.addr1 → address, ADDRESS.city → city, ADDRESS.state → state, ADDRESS.zip → zip
        ADDRESS.country → country, language → hs_language
        """,
        acceptable="""
        BIRTHDAY → date_of_birth, location.country_code → hs_country_region_code, location.timezone → hs_timezone
        """,
        traps="""
        status → hs_lead_status, status → lifecyclestage, status → military_status, full_name → lastname
        ADDRESS.addr2 → address, location.region → state, source → hs_analytics_source, id → associatedcompanyid
        """,
    ),
    Gold(
        "hubspot_contacts",
        "segment_traits",
        held_out=True,
        right="""
        email → traits.email, firstname → traits.firstName, lastname → traits.lastName, phone → traits.phone
        jobtitle → traits.title, website → traits.website, company → traits.company.name
        industry → traits.company.industry, address → traits.address.street, city → traits.address.city
        state → traits.address.state, zip → traits.address.postalCode, country → traits.address.country
        date_of_birth → traits.birthday, gender → traits.gender
        """,
        acceptable="""
        photo → traits.avatar, createdate → traits.createdAt, hs_createdate → traits.createdAt
        hs_object_id → userId, hs_object_id → traits.id, message → traits.description
        """,
        traps="""
        hs_full_name_or_email → traits.name, twitterhandle → traits.username, associatedcompanyid → traits.company.id
        numemployees → traits.company.employee_count, company → traits.name, hs_created_by_user_id → userId
        hs_updated_by_user_id → userId, mobilephone → traits.phone
        """,
    ),
    Gold(
        "segment_traits",
        "salesforce_lead",
        held_out=True,
        right="""
        traits.email → Email, traits.firstName → FirstName, traits.lastName → LastName, traits.phone → Phone
        traits.title → Title, traits.website → Website, traits.company.name → Company
        traits.company.industry → Industry, traits.company.employee_count → NumberOfEmployees
        traits.address.street → Street, traits.address.city → City, traits.address.state → State
        traits.address.postalCode → PostalCode, traits.address.country → Country, traits.description → Description
        """,
        acceptable="traits.gender → GenderIdentity",
        traps="""
        traits.company.id → DandbCompanyId, traits.name → Company, traits.name → LastName, userId → IndividualId
        traits.company.id → CompanyDunsNumber, traits.phone → MobilePhone, traits.phone → Fax
        """,
    ),
    Gold(
        "segment_group",
        "salesforce_account",
        held_out=True,
        right="""
        traits.name → Name, traits.phone → Phone, traits.website → Website, traits.industry → Industry
        traits.employees → NumberOfEmployees, traits.description → Description
        traits.address.street → BillingStreet, traits.address.city → BillingCity, traits.address.state → BillingState
        traits.address.postalCode → BillingPostalCode, traits.address.country → BillingCountry
        """,
        acceptable="groupId → AccountNumber",
        traps="""
        traits.plan → Type, traits.address.city → ShippingCity, traits.id → ParentId, traits.description → SicDesc
        traits.website → Site, traits.phone → Fax
        """,
    ),
    Gold(
        "segment_group",
        "hubspot_companies",
        held_out=True,
        right="""
        traits.name → name, traits.phone → phone, traits.website → website, traits.industry → industry
        traits.employees → numberofemployees, traits.description → description, traits.address.street → address
        traits.address.city → city, traits.address.state → state, traits.address.postalCode → zip
        traits.address.country → country
        """,
        acceptable="traits.avatar → hs_logo_url, traits.website → domain",
        traps="traits.address.street → address2, traits.plan → type, traits.employees → hs_employee_range",
    ),
    Gold(
        "salesforce_lead",
        "mailchimp_members",
        held_out=True,
        right="""
        Email → email_address, FirstName → FNAME, LastName → LNAME, Phone → PHONE, Company → COMPANY
        Street → ADDRESS.addr1, City → ADDRESS.city, State → ADDRESS.state, PostalCode → ADDRESS.zip
        Country → ADDRESS.country
        """,
        acceptable="Latitude → location.latitude, Longitude → location.longitude",
        traps="""
        Status → status, HasOptedOutOfEmail → status, MobilePhone → PHONE, Fax → PHONE, CleanStatus → status
        CreatedDate → timestamp_signup
        """,
    ),
    Gold(
        "mailchimp_members",
        "salesforce_lead",
        held_out=True,
        right="""
        email_address → Email, FNAME → FirstName, LNAME → LastName, PHONE → Phone, COMPANY → Company
        ADDRESS.addr1 → Street, ADDRESS.city → City, ADDRESS.state → State, ADDRESS.zip → PostalCode
        ADDRESS.country → Country
        """,
        acceptable="location.latitude → Latitude, location.longitude → Longitude, source → LeadSource",
        traps="""
        status → Status, member_rating → Rating, full_name → LastName, unsubscribe_reason → EmailBouncedReason
        location.country_code → Country, location.region → State
        """,
    ),
    Gold(
        "salesforce_contact",
        "segment_traits",
        held_out=True,
        right="""
        Email → traits.email, FirstName → traits.firstName, LastName → traits.lastName, Name → traits.name
        Phone → traits.phone, Title → traits.title, Birthdate → traits.birthday, Description → traits.description
        MailingStreet → traits.address.street, MailingCity → traits.address.city, MailingState → traits.address.state
        MailingPostalCode → traits.address.postalCode, MailingCountry → traits.address.country
        """,
        acceptable="""
        PhotoUrl → traits.avatar, Id → userId, Id → traits.id, CreatedDate → traits.createdAt
        GenderIdentity → traits.gender, AccountId → traits.company.id
        """,
        traps="""
        Name → traits.company.name, Name → traits.username, HomePhone → traits.phone, OtherCity → traits.address.city
        AssistantName → traits.name, OwnerId → userId, IndividualId → traits.id, LastModifiedDate → traits.createdAt
        """,
    ),
    Gold(
        "hubspot_contacts",
        "google_analytics_events",
        held_out=True,
        right="lifecyclestage → user_properties.lifecycle_stage, industry → user_properties.industry",
        acceptable="""
        city → user_location.city, ip_city → user_location.city, country → user_location.country_id
        hs_country_region_code → user_location.country_id, hs_state_code → user_location.region_id
        hs_language → device.language, hs_analytics_source → params.lead_source
        """,
        traps="""
        email → user_data.sha256_email_address, phone → user_data.sha256_phone_number, email → user_id
        firstname → user_data.address.sha256_first_name, lastname → user_data.address.sha256_last_name
        hs_created_by_user_id → user_id, hs_google_click_id → client_id, total_revenue → params.value
        createdate → timestamp_micros, recent_conversion_event_name → event_name
        """,
    ),
    Gold(
        "marketo_leads",
        "hubspot_contacts",
        held_out=True,
        right="""
        email → email, firstName → firstname, lastName → lastname, salutation → salutation, title → jobtitle
        phone → phone, mobilePhone → mobilephone, fax → fax, company → company, address → address, city → city
        state → state, postalCode → zip, country → country, website → website, industry → industry
        annualRevenue → annualrevenue, dateOfBirth → date_of_birth
        """,
        acceptable="leadStatus → hs_lead_status, numberOfEmployees → company_size, personNotes → message",
        traps="""
        billingCity → city, inferredCity → city, inferredCountry → country, inferredCompany → company
        numberOfEmployees → numemployees, site → website, mainPhone → phone, rating → lifecyclestage
        leadRole → hs_role, leadRole → hs_buying_role, email → work_email
        """,
    ),
    Gold(
        "hubspot_contacts",
        "marketo_leads",
        held_out=True,
        right="""
        email → email, firstname → firstName, lastname → lastName, salutation → salutation, jobtitle → title
        phone → phone, mobilephone → mobilePhone, fax → fax, company → company, address → address, city → city
        state → state, zip → postalCode, country → country, website → website, industry → industry
        annualrevenue → annualRevenue, date_of_birth → dateOfBirth, hs_email_optout → unsubscribed
        """,
        acceptable="hs_lead_status → leadStatus, hs_analytics_source → leadSource, message → personNotes",
        traps="""
        city → billingCity, address → billingStreet, phone → mainPhone, hubspotscore → leadScore
        numemployees → numberOfEmployees, hs_email_bad_address → emailInvalid, hs_buying_role → leadRole
        hs_email_optout_survey_reason → unsubscribedReason, hs_predictivecontactscorebucket → leadScore
        """,
    ),
    Gold(
        "klaviyo_profiles",
        "salesforce_lead",
        held_out=True,
        right="""
        email → Email, phone_number → Phone, first_name → FirstName, last_name → LastName, organization → Company
        title → Title, location.address1 → Street, location.city → City, location.region → State
        location.zip → PostalCode, location.country → Country
        """,
        acceptable="location.latitude → Latitude, location.longitude → Longitude",
        traps="external_id → CompanyDunsNumber, location.address2 → Street, phone_number → MobilePhone",
    ),
    Gold(
        "salesforce_contact",
        "klaviyo_profiles",
        held_out=True,
        right="""
        Email → email, Phone → phone_number, FirstName → first_name, LastName → last_name, Title → title
        MailingStreet → location.address1, MailingCity → location.city, MailingState → location.region
        MailingPostalCode → location.zip, MailingCountry → location.country
        """,
        acceptable="""
        MailingLatitude → location.latitude, MailingLongitude → location.longitude, PhotoUrl → image, Id → external_id
        """,
        traps="AccountId → organization, HomePhone → phone_number, OtherCity → location.city, Department → organization",
    ),
    Gold(
        "pipedrive_persons",
        "salesforce_contact",
        held_out=True,
        right="""
        email → Email, phone → Phone, first_name → FirstName, last_name → LastName, job_title → Title
        birthday → Birthdate
        """,
        acceptable="notes → Description, postal_address → MailingStreet",
        traps="org_id → AccountId, owner_id → OwnerId, name → LastName, phone → MobilePhone, label → LeadSource",
    ),
    Gold(
        "pipedrive_organizations",
        "salesforce_account",
        held_out=True,
        right="""
        name → Name, website → Website, industry → Industry, annual_revenue → AnnualRevenue
        employee_count → NumberOfEmployees, address_locality → BillingCity, address_postal_code → BillingPostalCode
        address_admin_area_level_1 → BillingState, address_country → BillingCountry
        """,
        acceptable="address → BillingStreet, address_route → BillingStreet, label → Rating",
        traps="owner_id → OwnerId, address_locality → ShippingCity, address_street_number → AccountNumber",
    ),
    Gold(
        "hubspot_companies",
        "pipedrive_organizations",
        held_out=True,
        right="""
        name → name, website → website, industry → industry, annualrevenue → annual_revenue
        numberofemployees → employee_count, city → address_locality, state → address_admin_area_level_1
        zip → address_postal_code, country → address_country
        """,
        acceptable="address → address, address → address_route, linkedin_company_page → linkedin",
        traps="type → label, hubspot_owner_id → owner_id, linkedinbio → linkedin",
    ),
    Gold(
        "intercom_contacts",
        "hubspot_contacts",
        held_out=True,
        right="""
        email → email, phone → phone, location.city → city, location.region → state, location.country → country
        """,
        acceptable="""
        avatar → photo, language_override → hs_language, location.country_code → hs_country_region_code
        name → firstname, name → lastname
        """,
        traps="""
        role → hs_role, name → company, owner_id → hubspot_owner_id, email → work_email
        email_domain → email, signed_up_at → start_date, companies → company
        """,
    ),
    Gold(
        "portal_contacts",
        "org_contacts",
        held_out=True,
        right="""
        email → Email, firstname → FirstName, lastname → LastName, mobile_nr → MobilePhone, strasse → MailingStreet
        ort → MailingCity, plz → MailingPostalCode, land → MailingCountry
        favourite_product__c → Favourite_Product__c, newsletter_topics → Newsletter_Topics__c
        customer_since → Customer_Since__c, contract_value_annual → Annual_Contract_Value__c
        nps_score_2026 → NPS_Score_2026__c, vat_number → VAT_Number__c, utm_campaign_last → UTM_Campaign_Last_Touch__c
        t_shirt_size → TShirt_Size__c, webinar_attended_ → Webinar_Attended__c
        event_dietary_reqs → Dietary_Requirements__c, last_purchase_date → Date_of_Last_Purchase__c
        number_of_orders → Order_Count__c, sla_tier → SLA_Tier__c, partner_code → Partner_Code__c
        """,
        traps="""
        nps_score_2025 → NPS_Score_2026__c, utm_campaign_first → UTM_Campaign_Last_Touch__c
        old_phone_do_not_use → Phone, account_manager_email → Email, partner_code → Partner_Manager__c
        nps_score_2026 → Score__c, customer_since → Date_of_Last_Purchase__c
        """,
    ),
    Gold(
        "dynamics_contacts",
        "salesforce_contact",
        held_out=True,
        right="""
        emailaddress1 → Email, firstname → FirstName, middlename → MiddleName, lastname → LastName, suffix → Suffix
        salutation → Salutation, jobtitle → Title, department → Department, telephone1 → Phone
        telephone2 → HomePhone, mobilephone → MobilePhone, fax → Fax, assistantname → AssistantName
        assistantphone → AssistantPhone, birthdate → Birthdate, description → Description
        address1_line1 → MailingStreet, address1_city → MailingCity, address1_stateorprovince → MailingState
        address1_postalcode → MailingPostalCode, address1_country → MailingCountry
        """,
        acceptable="""
        address2_line1 → OtherStreet, address2_city → OtherCity, address2_stateorprovince → OtherState
        address2_postalcode → OtherPostalCode, address2_country → OtherCountry, gendercode → GenderIdentity
        address1_latitude → MailingLatitude, address1_longitude → MailingLongitude, leadsourcecode → LeadSource
        telephone3 → OtherPhone, donotemail → HasOptedOutOfEmail, donotbulkemail → HasOptedOutOfEmail
        donotphone → DoNotCall
        """,
        traps="""
        company → Phone, managerphone → Phone, address2_city → MailingCity, statecode → MailingStateCode
        managername → AssistantName, nickname → FirstName, anniversary → Birthdate, emailaddress2 → Email
        address1_line2 → OtherStreet, pager → MobilePhone, parentcustomerid → AccountId
        """,
    ),
    Gold(
        "hubspot_contacts",
        "dynamics_contacts",
        held_out=True,
        right="""
        email → emailaddress1, firstname → firstname, lastname → lastname, salutation → salutation
        jobtitle → jobtitle, phone → telephone1, mobilephone → mobilephone, fax → fax, website → websiteurl
        address → address1_line1, city → address1_city, state → address1_stateorprovince, zip → address1_postalcode
        country → address1_country, date_of_birth → birthdate
        """,
        acceptable="""
        gender → gendercode, marital_status → familystatuscode, message → description
        hs_latitude → address1_latitude, hs_longitude → address1_longitude, work_email → emailaddress2
        """,
        traps="""
        company → company, city → address2_city, phone → telephone2, email → emailaddress2, phone → telephone3
        hs_email_optout → donotemail, annualrevenue → annualincome, hs_lead_status → statuscode, phone → company
        """,
    ),
    Gold(
        "zoho_leads",
        "hubspot_contacts",
        held_out=True,
        right="""
        Email → email, First_Name → firstname, Last_Name → lastname, Salutation → salutation, Designation → jobtitle
        Company → company, Phone → phone, Mobile → mobilephone, Fax → fax, Website → website, Industry → industry
        Annual_Revenue → annualrevenue, Street → address, City → city, State → state, Zip_Code → zip
        Country → country
        """,
        acceptable="No_of_Employees → company_size, Twitter → twitterhandle, Description → message",
        traps="""
        Lead_Status → hs_lead_status, Secondary_Email → email, Secondary_Email → work_email, Rating → lifecyclestage
        No_of_Employees → numemployees, Full_Name → lastname, Owner → hubspot_owner_id
        """,
    ),
    Gold(
        "salesforce_lead",
        "zoho_leads",
        held_out=True,
        right="""
        Email → Email, FirstName → First_Name, LastName → Last_Name, Salutation → Salutation, Title → Designation
        Company → Company, Phone → Phone, MobilePhone → Mobile, Fax → Fax, Website → Website
        NumberOfEmployees → No_of_Employees, AnnualRevenue → Annual_Revenue, HasOptedOutOfEmail → Email_Opt_Out
        Street → Street, City → City, State → State, PostalCode → Zip_Code, Country → Country
        Description → Description
        """,
        acceptable="LeadSource → Lead_Source, Industry → Industry",
        traps="Status → Lead_Status, Rating → Rating, OwnerId → Owner, Email → Secondary_Email",
    ),
    Gold(
        "hubspot_contacts",
        "braze_users",
        held_out=True,
        right="""
        email → email, phone → phone, firstname → first_name, lastname → last_name, date_of_birth → dob
        gender → gender, hs_language → language, hs_timezone → time_zone
        """,
        acceptable="""
        photo → image_url, hs_object_id → external_id, country → country, hs_country_region_code → country
        """,
        traps="""
        city → home_city, ip_country_code → country, hs_email_optout → email_subscribe, ip_city → home_city
        mobilephone → phone, hs_analytics_first_timestamp → date_of_first_session
        """,
    ),
)
