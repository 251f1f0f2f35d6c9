using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Tests.Access;

public sealed class ServerUrlsTests
{
    private static readonly ServerUrls s_urls = new("https://ehr.example/fhir", "http://127.0.0.1:8094/fhir/", "https://old.example:8443/");

    [Theory]
    [InlineData("Patient/p")]
    [InlineData("Patient/p/_history/2")]
    [InlineData("https://ehr.example/fhir/Patient/p")]
    [InlineData("https://ehr.example/fhir/Patient/p/_history/2")]
    [InlineData("https://ehr.example/fhir/Patient/p?_format=json#x")]
    [InlineData("https://ehr.example:443/fhir/Patient/p")]
    [InlineData("http://ehr.example/fhir/Patient/p")]
    [InlineData("HTTPS://EHR.Example./fhir/Patient/p")]
    [InlineData("https://ehr.example//fhir//Patient/p/")]
    [InlineData("https://ehr.example/x/../fhir/./Patient/p")]
    [InlineData("https://ehr.example/fhir/Patient/%70")]
    [InlineData("https://user@ehr.example/fhir/Patient/p")]
    [InlineData("http://127.0.0.1:8094/fhir/Patient/p")]
    [InlineData("http://localhost:8094/fhir/Patient/p")]
    [InlineData("http://[::1]:8094/fhir/Patient/p")]
    [InlineData("https://old.example:8443/Patient/p")]
    [InlineData("/fhir/Patient/p")]
    [InlineData("./Patient/p")]
    [InlineData("../fhir/Patient/p")]
    [InlineData("//ehr.example/fhir/Patient/p")]
    public void References_to_this_server_are_one_reference(string reference) => Assert.Equal("Patient/p", s_urls.Normalize(reference));

    [Theory]
    [InlineData("https://other.example/fhir/Patient/p")]
    [InlineData("https://ehr.example.other/fhir/Patient/p")]
    [InlineData("https://ehr.example@other.example/fhir/Patient/p")]
    [InlineData("https://ehr.example:444/fhir/Patient/p")]
    [InlineData("http://localhost:8095/fhir/Patient/p")]
    [InlineData("https://ehr.example/other/Patient/p")]
    [InlineData("https://ehr.example/fhir2/Patient/p")]
    [InlineData("https://ehr.example/FHIR/Patient/p")]
    [InlineData("https://ehr.example/fhir/patient/p")]
    [InlineData("https://ehr.example/fhir/Patient%2Fp")]
    [InlineData("https://ehr.example/fhir/x/Patient/p")]
    [InlineData("ftp://ehr.example/fhir/Patient/p")]
    [InlineData("/other/Patient/p")]
    [InlineData("Patient?identifier=p")]
    [InlineData("urn:uuid:p")]
    [InlineData("#p")]
    [InlineData("p")]
    [InlineData("")]
    [InlineData("http://\u05d0a/Patient/p")]
    [InlineData("http://xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Patient/p")]
    public void Other_references_are_unchanged(string reference) => Assert.Equal(reference, s_urls.Normalize(reference));

    [Theory]
    [InlineData("https://other.example/fhir/Patient/p/_history/2", "https://other.example/fhir/Patient/p")]
    [InlineData("http://\u05d0a/Patient/p/_history/2", "http://\u05d0a/Patient/p")]
    public void Reference_to_another_server_loses_only_its_version(string reference, string expected) =>
        Assert.Equal(expected, s_urls.Normalize(reference));

    [Theory]
    [InlineData("Patient?identifier=http://x|5#6", "Patient?identifier=http://x|5#6")]
    [InlineData("https://ehr.example/fhir/Patient?identifier=http://x|5#6", "Patient?identifier=http://x|5#6")]
    [InlineData("http://\u05d0a/Patient?x=y", "http://\u05d0a/Patient?x=y")]
    [InlineData("https://EHR.example/fhir/Patient?identifier=urn:mrn%7C7", "Patient?identifier=urn:mrn%7C7")]
    [InlineData("https://ehr.example/fhir/Patient/p%2Fq", "Patient/p%2Fq")]
    [InlineData("https://other.example/fhir/Patient", "https://other.example/fhir/Patient")]
    [InlineData("Patient/p?x=y", "Patient/p?x=y")]
    public void Path_below_this_server_is_relative(string url, string path) => Assert.Equal(path, s_urls.PathOf(url));
}
