using Estream.Esf;

namespace Estream.Cli.Data;

/// <summary>Which messages are meant: the values of --lattice and --path, and of --audience.</summary>
internal static class MessageSelection
{
    /// <returns>The filter, or <see langword="null"/> where neither was given.</returns>
    /// <exception cref="CliException">One of them is no pattern, or no schema that is known has messages they mean.</exception>
    public static EsfMessageFilter? Of(SchemaCatalog schemas, string? lattice, string? path)
    {
        if (lattice is null && path is null)
        {
            return null;
        }

        EsfMessageFilter filter = new(schemas.All, Read("--lattice", lattice, isPath: false), Read("--path", path, isPath: true));
        return filter.CanMatch ? filter : throw new CliException(
            $"no schema has messages at {string.Join(" and ", new[] { lattice, path }.OfType<string>().Select(text => $"'{text}'"))}: "
            + "`estream schema show` lists those there are, and --schema adds a file");
    }

    /// <summary>The values of --audience.</summary>
    /// <returns>The filter, or <see langword="null"/> where none was given.</returns>
    /// <exception cref="CliException">No schema that is known has private fields for one of them.</exception>
    public static EsfAudienceFilter? For(SchemaCatalog schemas, string[] audiences)
    {
        if (audiences.Length == 0)
        {
            return null;
        }

        SortedSet<string> known = new(schemas.All.SelectMany(schema => schema.Audiences.Audiences), StringComparer.Ordinal);
        return Array.Find(audiences, audience => !known.Contains(audience)) is string unknown
            ? throw new CliException(
                $"--audience '{unknown}': no schema has a private field for it. There are "
                + $"{string.Join(", ", known.DefaultIfEmpty("none"))}; --schema adds a file")
            : new EsfAudienceFilter(schemas.All, audiences);
    }

    private static EsfAddressPattern? Read(string option, string? text, bool isPath)
    {
        if (text is null)
        {
            return null;
        }

        if (text.StartsWith('/') != isPath)
        {
            throw new CliException(
                isPath ? $"{option} '{text}' does not begin with '/', as addresses do: /devices/*/telemetry" : $"{option} '{text}' begins "
                    + "with '/', as addresses do: give it with --path");
        }

        return EsfAddressPattern.TryParse(text, out EsfAddressPattern? pattern, out string? reason)
            ? pattern
            : throw new CliException($"{option}: {reason}");
    }
}
