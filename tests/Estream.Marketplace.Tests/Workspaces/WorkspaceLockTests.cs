using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>Each lock has one canonical text; any other text is refused.</summary>
public sealed class WorkspaceLockTests
{
    private static readonly WorkspaceLock s_lock = new(
        [new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^1 || 2.0.0-rc.1"))],
        [Locks.Component("gateway 1.2.0+build.7 queue:read.t map:write.m: esf-iot"), Locks.Component("esf-iot 1.0.0")],
        new Dictionary<string, ComponentName> { ["IoTTelemetry"] = ComponentName.Parse("esf-iot") });

    [Fact]
    public void Lock_has_the_text_of_the_format_page()
    {
        string expected = "{\"components\":["
            + $"{{\"dependencies\":[],\"keyId\":\"acme-2026\",\"logIndex\":4711,\"name\":\"esf-iot\",\"permissions\":[],"
            + $"\"root256\":\"{Locks.Root("esf-iot1.0.0")}\",\"source\":\"directory:components\",\"version\":\"1.0.0\"}},"
            + $"{{\"dependencies\":[\"esf-iot\"],\"keyId\":\"acme-2026\",\"logIndex\":4711,\"name\":\"gateway\","
            + $"\"permissions\":[\"map:write.m\",\"queue:read.t\"],\"root256\":\"{Locks.Root("gateway1.2.0+build.7")}\","
            + $"\"source\":\"directory:components\",\"version\":\"1.2.0+build.7\"}}],"
            + "\"requirements\":[{\"name\":\"gateway\",\"range\":\"^1 || "
            + "2.0.0-rc.1\"}],\"schemas\":[{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"}],\"version\":1}";
        Assert.Equal(expected, Encoding.UTF8.GetString(s_lock.Encode()));
    }

    [Fact]
    public void Lock_is_read_back_and_written_the_same()
    {
        Assert.True(WorkspaceLock.TryRead(s_lock.Encode(), out WorkspaceLock? read, out string? reason), reason);
        Assert.Equal(s_lock.Encode(), read.Encode());
        Assert.Equal("gateway 1.2.0+build.7", read.Find(ComponentName.Parse("gateway"))!.ToString());
        Assert.Equal("esf-iot", read.Schemas["IoTTelemetry"].ToString());
        Assert.True(read.IsFor(s_lock.Requirements));
        Assert.False(read.IsFor([new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^2"))]));
    }

    [Fact]
    public void RunsInHost_is_written_only_when_true()
    {
        WorkspaceLock code = new([], [Locks.Component("doors 1.0.0") with { RunsInHost = true }], new Dictionary<string, ComponentName>());
        string text = Encoding.UTF8.GetString(code.Encode());
        Assert.Contains("\"runsInHost\":true", text, StringComparison.Ordinal);
        Assert.True(WorkspaceLock.TryRead(code.Encode(), out WorkspaceLock? read, out string? reason), reason);
        Assert.True(Assert.Single(read.Components).RunsInHost);
        Assert.False(
            WorkspaceLock.TryRead(
                Encoding.UTF8.GetBytes(text.Replace("\"runsInHost\":true", "\"runsInHost\":false", StringComparison.Ordinal)), out _,
                out _));
        Assert.DoesNotContain("runsInHost", Encoding.UTF8.GetString(s_lock.Encode()), StringComparison.Ordinal);
    }

    [Fact]
    public void Tier_is_optional_and_one_of_four_words()
    {
        WorkspaceLock tiered = new([], [Locks.Component("doors 1.0.0") with { Tier = TrustTier.Verified }],
            new Dictionary<string, ComponentName>());
        string text = Encoding.UTF8.GetString(tiered.Encode());
        Assert.Contains("\"tier\":\"verified\",", text, StringComparison.Ordinal);
        Assert.False(WorkspaceLock.TryRead(Encoding.UTF8.GetBytes(text.Replace("\"verified\"", "\"trusted\"", StringComparison.Ordinal)),
            out _, out string? reason));
        Assert.Contains("tier", reason, StringComparison.Ordinal);
        Assert.True(WorkspaceLock.TryRead(tiered.Encode(), out WorkspaceLock? read, out reason), reason);
        Assert.Equal(TrustTier.Verified, Assert.Single(read.Components).Tier);
        Assert.All(s_lock.Components, component => Assert.Null(component.Tier));
        Assert.DoesNotContain("tier", Encoding.UTF8.GetString(s_lock.Encode()), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_does_not_depend_on_the_order_of_components()
    {
        WorkspaceLock other = new(s_lock.Requirements, s_lock.Components.Reverse(), s_lock.Schemas);
        Assert.Equal(s_lock.Encode(), other.Encode());
    }

    [Theory]
    [InlineData("\"version\":1}", "\"version\":2}", "version")]
    [InlineData("\"version\":1}", "\"version\":1} ", "canonical")]
    [InlineData("{\"components\"", "{ \"components\"", "canonical")]
    [InlineData("\"logIndex\":4711", "\"logIndex\":-1", "logIndex")]
    [InlineData("\"keyId\":\"acme-2026\"", "\"keyId\":\"\"", "keyId")]
    [InlineData("\"name\":\"esf-iot\"", "\"name\":\"ESF\"", "is not a valid component name")]
    [InlineData("\"version\":\"1.0.0\"", "\"version\":\"1.0\"", "is not a valid version")]
    [InlineData("\"range\":\"^1 || 2.0.0-rc.1\"", "\"range\":\"latest\"", "is not a valid version range")]
    [InlineData("\"dependencies\":[\"esf-iot\"]", "\"dependencies\":[\"esf-io\"]", "missing")]
    [InlineData("\"dependencies\":[\"esf-iot\"]", "\"dependencies\":[\"esf iot\"]", "is not a valid component name")]
    [InlineData("\"component\":\"esf-iot\"", "\"component\":\"esf-io\"", "missing")]
    [InlineData("\"requirements\":[{\"name\":\"gateway\"", "\"requirements\":[{\"name\":\"gate\"", "missing")]
    [InlineData("[\"map:write.m\",\"queue:read.t\"]", "[\"queue:read.t\",\"map:write.m\"]", "sorted")]
    [InlineData("\"name\":\"gateway\",\"permissions\"", "\"name\":\"esf-iot\",\"permissions\"", "twice")]
    [InlineData("\"schemas\":[", "\"schemes\":[", "missing")]
    [InlineData("\"schemas\":[{", "\"schemas\":[{\"a\":1,", "is unknown")]
    [InlineData("[{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"}]",
        "[{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"},{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"}]",
        "is listed twice")]
    public void TryRead_explains_why_bytes_are_not_a_lock(string part, string damaged, string reason)
    {
        string text = Encoding.UTF8.GetString(s_lock.Encode());
        Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.False(
            WorkspaceLock.TryRead(Encoding.UTF8.GetBytes(text.Replace(part, damaged, StringComparison.Ordinal)), out WorkspaceLock? read,
                out string? told));
        Assert.Null(read);
        Assert.Contains(reason, told, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_refuses_every_truncation()
    {
        byte[] whole = s_lock.Encode();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.False(WorkspaceLock.TryRead(whole.AsSpan(0, length), out _, out string? reason));
            Assert.NotEmpty(reason);
        }
    }
}
