using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

/// <summary>Goal: an operator sees how many resources of each type a server has, and which requests it refused, without any value of a
/// resource.</summary>
public sealed class ResourceTableTests
{
    [Fact]
    public async Task Resources_are_counted_by_type_also_after_a_restart()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Assert.Empty(Read(rig).Rows);
        Answer first = await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient"}""");
        await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient","active":true}""");
        await rig.SendAsync("POST", "Encounter",
            """{"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}}""");
        string id = first.Root.GetProperty("id").GetString()!;
        Answer changed =
            await rig.SendAsync("PUT", $"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","active":false}""");
        Assert.Equal(200, changed.Status);
        Assert.Equal(["Encounter 1 0 1", "Patient 2 0 3"], Rows(rig));

        await rig.SendAsync("DELETE", $"Patient/{id}");
        Assert.Equal(["Encounter 1 0 1", "Patient 1 1 4"], Rows(rig));
        Assert.All(Read(rig).Rows, row => Assert.NotNull(row[4].Number));
        Assert.Equal(2, rig.Server.Tables[0].Total);

        await rig.RestartAsync();
        Assert.Equal(["Encounter 1 0 1", "Patient 1 1 4"], Rows(rig));

        await rig.SendAsync("PUT", $"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
        Assert.Equal(["Encounter 1 0 1", "Patient 2 0 5"], Rows(rig));
    }

    [Fact]
    public async Task Refused_requests_are_counted_by_status_and_issue_without_values()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.SendAsync("GET", "Patient/secret-1");
        await rig.SendAsync("GET", "Patient/secret-2");
        await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient","birthDate":"secret-3"}""");

        IReadOnlyList<AdapterRejection> all = rig.Rejections.ToList();

        Assert.Equal([("HTTP 422 value", 1), ("HTTP 404 not-found", 2)], all.Select(one => (one.Reason, one.Count)));
        Assert.DoesNotContain(all, one => one.Detail.Contains("secret", StringComparison.Ordinal));
        Assert.Equal(3, rig.Server.Statistics.RejectedTotal);
    }

    private static AdapterTablePage Read(ServerRig rig) => rig.Server.Tables[0].Read(new AdapterTableRequest("", 100, null));

    private static IEnumerable<string> Rows(ServerRig rig) =>
        Read(rig).Rows.Select(row => $"{row[0].Text} {row[1].Number} {row[2].Number} {row[3].Number}");
}
