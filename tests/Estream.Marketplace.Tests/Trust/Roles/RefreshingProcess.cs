using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>A process that refreshes from one newer registry after another until it is killed. It prints each version after the version is
/// stored.</summary>
internal static class RefreshingProcess
{
    public const string Argument = "refresh";

    public static async Task RunAsync(string registry, string state)
    {
        TrustClient client = new(new TrustAnchor(File.ReadAllBytes(Path.Combine(registry, "1.root.json"))), new TrustStore(state),
            ManualClock.At("2026-11-23 06:33"));
        foreach (string folder in Directory.EnumerateDirectories(registry, "at-*").Order(StringComparer.Ordinal))
        {
            TrustOutcome outcome = await client.RefreshAsync(new DirectoryFileSource(folder));
            if (outcome.IsTrusted)
            {
                await Console.Out.WriteLineAsync($"kept {outcome.Roles.Timestamp.Version}");
            }
            else if (outcome.Fault.Kind != RoleFaultKind.Rollback)
            {
                throw new InvalidOperationException(outcome.Fault.ToString());
            }
        }
    }
}
