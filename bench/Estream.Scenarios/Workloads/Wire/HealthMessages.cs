using System.Text;

namespace Estream.Scenarios.Workloads;

/// <summary>The messages of `hl7-parse` and `fhir-parse`.</summary>
internal static class HealthMessages
{
    /// <summary>An admission (ADT^A01) of HL7 2.5.1 with seven segments.</summary>
    public static byte[] Admission { get; } = Encoding.UTF8.GetBytes(string.Join('\r',
        @"MSH|^~\&|ADT|GH|EHR|GH|20260101120000+0100||ADT^A01^ADT_A01|77|P|2.5.1||||||UNICODE UTF-8",
        "EVN|A01|20260101120000+0100||||20260101115500+0100",
        "PID|1||567^^^GH^MR||Mueller^Eva^Maria^^Dr^^L||19620320|F|||Weg 1^^Bern^BE^3000^CH^H||0311234567^PRN~^NET^Internet^eva@example.org"
            + "|||M|||A9||||||Y|2",
        "NK1|1|Mueller^Hans|SPO||0319876543",
        "PV1|1|I|W^389^1||||1^Attend^A|2^Refer||||||||||V77^^^GH|||||||||||||||||||||||||20260101080000+0100",
        "AL1|1|DA|1^Penicillin|SV|Rash",
        "DG1|1||I10^Hypertension^I10||20260101|A") + "\r");

    /// <summary>A blood pressure as Observation of FHIR R4, as a server writes it.</summary>
    public static byte[] BloodPressure { get; } = Encoding.UTF8.GetBytes("""
        {"resourceType":"Observation","id":"blood-pressure","meta":{"versionId":"3","lastUpdated":"2026-01-30T22:35:23+01:00"},
         "identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:187e0c12-8dd2-67e2-99b2-bf273c878281"}],
         "status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
          "code":"vital-signs","display":"Vital Signs"}]}],
         "code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"}],"text":"Blood pressure"},
         "subject":{"reference":"Patient/example"},"effectiveDateTime":"2026-01-17T09:30:10+01:00",
         "performer":[{"reference":"Practitioner/example"}],
         "interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"L",
          "display":"low"}],"text":"Below low normal"}],
         "bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"368209003","display":"Right arm"}]},
         "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}]},
          "valueQuantity":{"value":107,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
          {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4","display":"Diastolic blood pressure"}]},
          "valueQuantity":{"value":60,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}
        """);
}
