using Estream.Core;
using Estream.Crypto;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Log;

public sealed class ForeignMessageTests
{
    [Fact]
    public async Task Messages_that_are_not_commits_are_skipped_and_reported()
    {
        using ScriptedServer endpoint = new(_ => "");
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { SubscriptionEndpoints = [endpoint.Url.AbsoluteUri] });
        await rig.CreateAsync("Subscription", $$$"""
            {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"Patient",
             "channel":{"type":"rest-hook","endpoint":"{{{endpoint.Url.AbsoluteUri}}}","payload":"application/fhir+json"}}
            """);
        Assert.Equal(HealthState.Healthy, rig.Server.Health.State);
        byte[] commit = rig.ReadMessages("fhir")[0];
        byte[] changed = [.. commit];
        changed[^1] ^= 1;

        rig.Append("fhir", "x"u8.ToArray());
        rig.Append("fhir", changed);
        rig.Append("fhir", commit);
        await rig.CreateAsync("Patient", """{"resourceType":"Patient"}""");
        AssertDelivered(1);
        AssertDegraded(rig);

        await rig.RestartAsync();
        AssertDegraded(rig);
        await rig.CreateAsync("Patient", """{"resourceType":"Patient"}""");
        AssertDelivered(2);
        Assert.Equal(2, (await rig.SendAsync("GET", "Patient")).Ids.Count);

        // Delivery is at least once, so a restart can repeat a notification and a projection.
        void AssertDelivered(int count) => Eventually.True(
            () => endpoint.Requests.Distinct().Count() == count && rig.ReadQueue("Patient").Distinct().Count() == count,
            "both readers of the log go on");
    }

    [Fact]
    public async Task A_commit_that_the_keys_do_not_open_stops_the_start()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.CreateAsync("Patient", """{"resourceType":"Patient"}""");
        string key = Path.Combine(rig.Folder, "keys", "provider.key.pem");
        byte[] kept = File.ReadAllBytes(key);
        WireConfigurationException failure = await Assert.ThrowsAsync<WireConfigurationException>(() => rig.RestartAsync(_ =>
        {
            File.Delete(key);
            using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(key, other);
        }));
        Assert.Contains("sequence number 0", failure.Message, StringComparison.Ordinal);
        await rig.RestartAsync(_ =>
        {
            File.Delete(key);
            File.WriteAllBytes(key, kept);
            SecretFiles.SetOwnerOnly(key);
        });
        Assert.Single((await rig.SendAsync("GET", "Patient")).Ids);
    }

    private static void AssertDegraded(ServerRig rig)
    {
        Assert.Equal(HealthState.Degraded, rig.Server.Health.State);
        Assert.Contains("the last with sequence number 3", rig.Server.Health.Detail, StringComparison.Ordinal);
        Assert.Equal(3, rig.Metric("estream.fhir.skipped_messages"));
        Assert.Contains(rig.Events, one => one.Detail.Contains("sequence number 1 ", StringComparison.Ordinal));
    }
}
