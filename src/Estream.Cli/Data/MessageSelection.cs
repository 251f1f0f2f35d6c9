using Estream.Esf;

namespace Estream.Cli.Data;

/// <summary>Creates message filters from --lattice, --path and --audience.</summary>
internal static class MessageSelection
{
    /// <returns>The filter, or <see langword="null"/> if neither option is given.</returns>
    /// <exception cref="CliException">A pattern is invalid, or no known schema has matching messages.</exception>
    public static EsfMessageFilter? Of(SchemaCatalog schemas, string? lattice, string? path)
    {
        if (lattice is null && path is null)
        {
            return null;
        }

        EsfMessageFilter filter = new(schemas.All, Read("--lattice", lattice, isPath: false), Read("--path", path, isPath: true));
        return filter.CanMatch ? filter : throw new CliException(
            $"No schema matches {string.Join(" and ", new[] { lattice, path }.OfType<string>().Select(text => $"'{text}'"))}. List schemas "
            + "with 'estream schema list', or add a file with --schema.");
    }

    /// <summary>Creates the filter for --audience.</summary>
    /// <returns>The filter, or <see langword="null"/> if no audience is given.</returns>
    /// <exception cref="CliException">No known schema has private fields for one of the audiences.</exception>
    public static EsfAudienceFilter? For(SchemaCatalog schemas, string[] audiences)
    {
        if (audiences.Length == 0)
        {
            return null;
        }

        SortedSet<string> known = new(schemas.All.SelectMany(schema => schema.Audiences.Audiences), StringComparer.Ordinal);
        return Array.Find(audiences, audience => !known.Contains(audience)) is string unknown
            ? throw new CliException(
                $"--audience '{unknown}': no schema has a private field for this audience. Known audiences: "
                + $"{string.Join(", ", known.DefaultIfEmpty("none"))}. Add a schema file with --schema.")
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
                isPath ? $"{option} '{text}' does not begin with '/'. Write an address pattern such as /devices/*/telemetry." : $"{option} "
                    + $"'{text}' begins with '/' and is an address pattern. Use --path.");
        }

        return EsfAddressPattern.TryParse(text, out EsfAddressPattern? pattern, out string? reason)
            ? pattern
            : throw new CliException($"{option}: {reason}");
    }
}
