using System.Text;
using Estream.Esf.Schema;
using Estream.Fuzz.Esf;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>
/// Damages workspace and lock files: a lock that is read is written back to the same bytes, and any other input has a reason; never an
/// exception. A failure names the seed that repeats it.
/// </summary>
public sealed class WorkspaceFuzzTests
{
    private const string Manifest =
        """
        [workspace]
        name = "plant"
        [components]
        esf-iot = "^1"
        "@acme/thermal" = "~2.1 || 3.0.0-rc.1"
        [registries]
        default = "https://components.example"
        [engines]
        host = "1.4.0"
        [resolution]
        pre-releases = ["esf-iot"]
        [cooldown]
        hours = 72
        exempt = ["esf-iot"]
        [license]
        tier = "commercial"
        """;

    [Fact]
    public void A_damaged_workspace_lock_is_written_back_unchanged_or_rejected()
    {
        byte[][] seeds = [Lock().Encode()];
        for (int seed = 0; seed < LongRun.Count(30_000, 3_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            try
            {
                if (WorkspaceLock.TryRead(bytes, out WorkspaceLock? read, out string? reason))
                {
                    Assert.Equal(bytes, read.Encode());
                }
                else
                {
                    Assert.NotEmpty(reason);
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }
    }

    [Fact]
    public void A_damaged_workspace_file_is_read_or_has_errors_with_positions()
    {
        byte[][] seeds = [Encoding.UTF8.GetBytes(Manifest)];
        int read = 0;
        for (int seed = 0; seed < LongRun.Count(30_000, 3_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            try
            {
                WorkspaceReadResult result = WorkspaceManifest.Read(bytes);
                Assert.Equal(result.Manifest is null, result.Errors.Count > 0);
                Assert.All(result.Errors,
                    mistake => Assert.True(mistake.Position.Line >= 1 && mistake.Position.Column >= 1 && mistake.Message.Length > 0));
                read += result.Manifest is null ? 0 : 1;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(read > 100, $"{read} were read");
    }

    private static WorkspaceLock Lock() => new(
        [new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^1"))],
        [Component("gateway", ["esf-iot"]), Component("esf-iot", [])],
        new Dictionary<string, ComponentName> { ["T"] = ComponentName.Parse("esf-iot") });

    private static LockedComponent Component(string name, string[] needs) => new()
    {
        Name = ComponentName.Parse(name),
        Version = SemanticVersion.Parse("1.0.0"),
        Root256 = new string('a', 64),
        LogIndex = 7,
        KeyId = "key",
        Source = "directory:components",
        Dependencies = [.. needs.Select(ComponentName.Parse)],
        Permissions = ["queue:read.t"],
    };
}
