using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

public sealed class ChainTests
{
    [Theory]
    [InlineData("patient.identifier=urn:mrn|1", "o1 o2")]
    [InlineData("subject.identifier=1", "o1 o2")]
    [InlineData("subject:Patient.identifier=1,2", "o1 o2 o3")]
    [InlineData("patient.identifier=1&code=b", "o2")]
    [InlineData("patient.family=Ng&patient.identifier=1", "o1 o2")]
    [InlineData("patient.family=Ng&patient.identifier=3", "")]
    [InlineData("patient.birthdate=lt1980&_sort=-date", "o2 o1")]
    [InlineData("encounter.class=AMB", "o1")]
    [InlineData("encounter.patient.identifier=1", "o1")]
    [InlineData("encounter:Encounter.subject:Patient.family=Ng", "o1")]
    [InlineData("patient._id=p2", "o3")]
    [InlineData("patient.identifier=none", "")]
    public async Task Chained_parameter_finds_by_the_referenced_resource(string query, string ids)
    {
        await using ServerRig rig = await StartAsync();
        Answer found = await rig.SendAsync("GET", $"Observation?{query}");
        Assert.True(found.Status == 200, found.Body);
        Assert.Equal(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries), found.Ids);
    }

    [Fact]
    public async Task Lenient_search_ignores_a_chain_that_is_not_supported()
    {
        await using ServerRig rig = await StartAsync();
        (string, string) lenient = ("Prefer", "handling=lenient");
        Assert.Equal(3, (await rig.SendAsync("GET", "Observation?patient.mood=good&_sort=mood", null, null, lenient)).Ids.Count);
        Assert.Equal(["o3"], (await rig.SendAsync("GET", "Observation?patient.identifier=2", null, null, lenient)).Ids);
    }

    [Fact]
    public async Task Chained_parameter_that_matches_too_much_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string entries = string.Join(',', Enumerable.Repeat(
            """{"resource":{"resourceType":"Patient","gender":"male"},"request":{"method":"POST","url":"Patient"}}""", 1_000));
        Assert.Equal(200, (await rig.SendAsync(
            "POST", "", "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" + entries + "]}")).Status);
        Assert.Equal(ChainResolver.MaxMatches, 1_000);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation?patient.gender=male")).Status);
        await rig.CreateAsync("Patient", """{"resourceType":"Patient","gender":"male"}""");
        Answer tooMany = await rig.SendAsync("GET", "Observation?patient.gender=male");
        Assert.Equal((400, "too-costly"), (tooMany.Status, tooMany.Issue));
    }

    private static async Task<ServerRig> StartAsync()
    {
        ServerRig rig = await ServerRig.StartAsync();
        (string Path, string Body)[] resources =
        [
            ("Patient/p1",
                "\"identifier\":[{\"system\":\"urn:mrn\",\"value\":\"1\"}],\"name\":[{\"family\":\"Ng\"}],\"birthDate\":\"1970\""),
            ("Patient/p2", "\"identifier\":[{\"system\":\"urn:mrn\",\"value\":\"2\"}],\"name\":[{\"family\":\"Ngata\"}]"),
            ("Encounter/e1", "\"status\":\"finished\",\"class\":{\"code\":\"AMB\"},\"subject\":{\"reference\":\"Patient/p1\"}"),
            ("Observation/o1", Observation("a", 1, "p1") + ",\"encounter\":{\"reference\":\"Encounter/e1\"}"),
            ("Observation/o2", Observation("b", 2, "p1")),
            ("Observation/o3", Observation("b", 3, "p2")),
        ];
        foreach ((string path, string body) in resources)
        {
            string[] parts = path.Split('/');
            Answer answer = await rig.SendAsync("PUT", path, $$$"""{"resourceType":"{{{parts[0]}}}","id":"{{{parts[1]}}}",{{{body}}}}""");
            Assert.True(answer.Status == 201, answer.Body);
        }

        return rig;
    }

    private static string Observation(string code, int day, string patient) => "\"status\":\"final\",\"code\":{\"coding\":[{\"code\":\""
        + code + "\"}]},\"effectiveDateTime\":\"2026-01-0" + day + "\",\"subject\":{\"reference\":\"Patient/" + patient + "\"}";
}
