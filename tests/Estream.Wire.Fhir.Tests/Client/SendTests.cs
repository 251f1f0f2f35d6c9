using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Client;

/// <summary>Goal: another server gets the commits of a queue, and each outcome is the right one for the queue.</summary>
public sealed class SendTests
{
    [Fact]
    public async Task Commits_of_one_server_are_repeated_on_another()
    {
        await using ServerRig source = await ServerRig.StartAsync();
        await using ServerRig target = await ServerRig.StartAsync();
        await using ClientRig rig = Connect(source, new Uri(target.BaseUrl));
        string id = await source.CreateAsync("Patient", """{"resourceType":"Patient","multipleBirthInteger":2,"x":1.10}""");
        await source.SendAsync("POST", "", """
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}},
             {"resource":{"resourceType":"Patient","id":"b"},"request":{"method":"PUT","url":"Patient/b"}}]}
            """);
        await source.SendAsync("DELETE", "Patient/b");
        foreach (byte[] message in source.ReadMessages("fhir"))
        {
            EmitStatus status = await rig.SendAsync(message);
            Assert.True(status.IsOk, status.Detail);
        }

        Answer patient = await target.SendAsync("GET", $"Patient/{id}");
        Assert.Contains("1.10", patient.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await target.SendAsync("GET", "Patient/a")).Status);
        Assert.Equal(410, (await target.SendAsync("GET", "Patient/b")).Status);
    }

    [Theory]
    [InlineData(401, EmitCode.Deferred)]
    [InlineData(429, EmitCode.Deferred)]
    [InlineData(503, EmitCode.Deferred)]
    [InlineData(422, EmitCode.Refused)]
    [InlineData(302, EmitCode.Refused)]
    public async Task Status_of_the_server_decides_whether_a_commit_is_sent_again(int status, EmitCode expected)
    {
        await using ServerRig source = await ServerRig.StartAsync();
        await source.CreateAsync("Patient", """{"resourceType":"Patient"}""");
        using ScriptedServer target = new(_ => new ScriptedAnswer(status, []) { Location = "http://127.0.0.1:1/" });
        await using ClientRig rig = Connect(source, target.Url);
        Assert.Equal(expected, (await rig.SendAsync(source.ReadMessages("fhir").Single())).Code);
        Assert.Single(target.Requests);
    }

    [Fact]
    public async Task Commit_waits_while_the_server_is_not_reached()
    {
        await using ServerRig source = await ServerRig.StartAsync();
        await source.CreateAsync("Patient", """{"resourceType":"Patient"}""");
        await using ClientRig rig = Connect(source, new Uri($"http://127.0.0.1:{FreePort.Next()}/"));
        Assert.Equal(EmitCode.NotConnected, (await rig.SendAsync(source.ReadMessages("fhir").Single())).Code);
    }

    private static ClientRig Connect(ServerRig source, Uri target)
    {
        ClientRig rig = new(target, options => options with
        {
            Egress = Estream.Fhir.FhirCommit.Schema,
            KeyFolder = Path.Combine(source.Folder, "keys"),
        });
        Eventually.True(() => rig.Health.State == HealthState.Healthy, "the client runs");
        return rig;
    }
}
