using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>The settings that a host refuses with the role <c>auto</c>.</summary>
public sealed class AutoRoleSettingsTests : IDisposable
{
    private const string Durable = "\"Queues\": { \"q\": { \"Durability\": \"Quorum\" }, \"dead-letters\": {} }";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"Queues\": { \"q\": { \"Durability\": \"GroupCommit\" } }", "\"Role\": \"auto\", \"Publish\": [\"q\"]",
        "must be Quorum or QuorumAndFlush")]
    [InlineData(Durable, "\"Role\": \"auto\", \"Publish\": [\"q\"], \"Follow\": [\"other\"]", "Remove Follow.")]
    [InlineData(Durable, "\"Role\": \"fixed\", \"Publish\": [\"q\"], \"Lease\": \"pair\"", "Set Role to auto, or remove Lease.")]
    [InlineData(Durable, "\"Role\": \"fixed\", \"Publish\": [\"q\"], \"DivergedDays\": 3",
        "Set Role to auto, or remove DivergedDays.")]
    [InlineData(Durable, "\"PublishMaps\": [\"m\"]", "Client:Maps does not have")]
    [InlineData("\"Client\": { \"Maps\": { \"m\": {} } }", "\"FollowMaps\": [\"m\"]", "Only replication may write a replica")]
    [InlineData("\"Client\": { \"Maps\": { \"m\": {} } }", "\"Role\": \"auto\", \"PublishMaps\": [\"m\"], \"FollowMaps\": [\"n\"]",
        "Remove FollowMaps.")]
    [InlineData("\"Client\": { \"Maps\": { \"m\": { \"KeyFile\": \"k\" } } }", "\"PublishMaps\": [\"m\"]", "would be plaintext")]
    [InlineData("\"Queues\": { \"q\": { \"KeyFile\": \"k\" } }", "\"Publish\": [\"q\"]",
        "Estream:Replication:Publish:0 is \"q\", an encrypted queue (Estream:Queues:q:KeyFile)")]
    public void A_host_refuses_settings_with_which_a_copy_would_be_useless_or_lose_messages(string queues, string role, string expected)
    {
        string file = _folder.Combine("host.json");
        File.WriteAllText(file, $$"""
            { "Estream": { {{queues}}, "Replication": { "Cluster": "c", "Brokers": ["127.0.0.1:5672"], {{role}} } } }
            """);

        ProcessResult result = ChildProcess.Run("dotnet", [BuiltProgram.Host, "--check", "--config", file]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }
}
