using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>Lock files: one text for one set, and nothing else is taken for it.</summary>
public sealed class WorkspaceLockTests
{
    private static readonly WorkspaceLock s_lock = new(
        [new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^1 || 2.0.0-rc.1"))],
        [Locks.Component("gateway 1.2.0+build.7 queue:read.t map:write.m: esf-iot"), Locks.Component("esf-iot 1.0.0")],
        new Dictionary<string, ComponentName> { ["IoTTelemetry"] = ComponentName.Parse("esf-iot") });

    [Fact]
    public void A_lock_has_the_text_that_its_page_defines()
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
    public void What_is_written_is_read_and_written_the_same()
    {
        Assert.True(WorkspaceLock.TryRead(s_lock.Encode(), out WorkspaceLock? read, out string? reason), reason);
        Assert.Equal(s_lock.Encode(), read.Encode());
        Assert.Equal("gateway 1.2.0+build.7", read.Find(ComponentName.Parse("gateway"))!.ToString());
        Assert.Equal("esf-iot", read.Schemas["IoTTelemetry"].ToString());
        Assert.True(read.IsFor(s_lock.Requirements));
        Assert.False(read.IsFor([new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^2"))]));
    }

    [Fact]
    public void Code_that_runs_in_the_host_is_said_where_it_is_so_and_not_elsewhere()
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
    public void The_order_in_which_components_were_met_changes_nothing()
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
    [InlineData("\"name\":\"esf-iot\"", "\"name\":\"ESF\"", "no name of a component")]
    [InlineData("\"version\":\"1.0.0\"", "\"version\":\"1.0\"", "no version")]
    [InlineData("\"range\":\"^1 || 2.0.0-rc.1\"", "\"range\":\"latest\"", "no range")]
    [InlineData("\"dependencies\":[\"esf-iot\"]", "\"dependencies\":[\"esf-io\"]", "not there")]
    [InlineData("\"dependencies\":[\"esf-iot\"]", "\"dependencies\":[\"esf iot\"]", "no name of a component")]
    [InlineData("\"component\":\"esf-iot\"", "\"component\":\"esf-io\"", "not there")]
    [InlineData("\"requirements\":[{\"name\":\"gateway\"", "\"requirements\":[{\"name\":\"gate\"", "not there")]
    [InlineData("[\"map:write.m\",\"queue:read.t\"]", "[\"queue:read.t\",\"map:write.m\"]", "order")]
    [InlineData("\"name\":\"gateway\",\"permissions\"", "\"name\":\"esf-iot\",\"permissions\"", "twice")]
    [InlineData("\"schemas\":[", "\"schemes\":[", "missing")]
    [InlineData("\"schemas\":[{", "\"schemas\":[{\"a\":1,", "is unknown")]
    [InlineData("[{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"}]",
        "[{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"},{\"component\":\"esf-iot\",\"schema\":\"IoTTelemetry\"}]",
        "is there twice")]
    public void What_is_no_lock_says_why(string part, string damaged, string reason)
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
    public void Every_cut_of_a_lock_is_refused()
    {
        byte[] whole = s_lock.Encode();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.False(WorkspaceLock.TryRead(whole.AsSpan(0, length), out _, out string? reason));
            Assert.NotEmpty(reason);
        }
    }
}
