using System.Text.RegularExpressions;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads a table <c>limits</c>: whole numbers by name.</summary>
internal static partial class LimitTable
{
    /// <summary>Reads the table; empty if there is none.</summary>
    public static Dictionary<string, long> Read(ManifestPart? part)
    {
        Dictionary<string, long> limits = new(StringComparer.Ordinal);
        foreach (TomlEntry entry in part?.Table.Entries ?? [])
        {
            if (!Name().IsMatch(entry.Key))
            {
                part!.Report(ManifestCodes.Name, entry.KeyPosition,
                    ManifestMessages.NoText(entry.Key, "the name of a limit: lower-case letters, digits and '_'", "devices = 50"));
            }

            if (part!.Number(entry.Key, 0, long.MaxValue, "devices = 50") is { } most)
            {
                limits[entry.Key] = most;
            }
        }

        return limits;
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z")]
    private static partial Regex Name();
}
