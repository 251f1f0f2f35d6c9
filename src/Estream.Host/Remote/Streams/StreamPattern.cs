using System.Text.RegularExpressions;
using Estream.Circuits;
using Estream.Client;
using Estream.Esf;

namespace Estream.Host.Remote;

/// <summary>
/// What a stream subscription selects: <c>lex://AUTHORITY/…</c>, in which a segment <c>{name}</c> stands for any one segment, or
/// <c>table:NAME</c>. Immutable.
/// </summary>
internal sealed partial class StreamPattern
{
    /// <summary>The maximum number of segments of a path, as in the manifest of a component.</summary>
    public const int MaxSegments = 16;

    private const string TablePrefix = "table:";
    private const string ReadPermission = "data:read.";

    private readonly string _text;
    private readonly string _authority;
    private readonly string[] _segments;

    private StreamPattern(string text, string? table, string authority, string[] segments)
    {
        (_text, Table, _authority, _segments) = (text, table, authority, segments);
    }

    /// <summary>The name of the map; null for a pattern of streams.</summary>
    public string? Table { get; }

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="RemoteRefusalException">The text is not a pattern, or is longer than a pattern may be.</exception>
    public static StreamPattern Parse(string text)
    {
        if (text.StartsWith(TablePrefix, StringComparison.Ordinal))
        {
            return text.Length > TablePrefix.Length
                ? new StreamPattern(text, text[TablePrefix.Length..], "", [])
                : throw Invalid("it names no table. Write for example table:readings");
        }

        string address = Placeholder().Replace(text, "x");
        if (!LexAddress.TryParse(address, out LexAddress? parsed, out string? reason))
        {
            throw Invalid(reason);
        }

        string[] segments = text[(LexAddress.Scheme.Length + parsed.Authority.Length + 1)..].Split('/');
        string[] names = [.. segments.Where(IsPlaceholder)];
        reason = segments.Length > MaxSegments ? $"it has {segments.Length} segments, and at most {MaxSegments} are allowed"
            : parsed.ToString() != address ? "it is not in its normalized form"
            : names.Distinct(StringComparer.Ordinal).Count() < names.Length ? "it has two segments of the same name in braces"
            : null;
        return reason is null ? new StreamPattern(text, null, parsed.Authority, segments) : throw Invalid(reason);
    }

    /// <summary>Whether the pattern selects nothing that a pattern or table of a manifest does not select.</summary>
    /// <param name="streams">The patterns of the manifest. A name that occurs twice in a pattern stands for the same segment.</param>
    /// <param name="tables">The tables of the manifest.</param>
    public bool IsDeclared(IEnumerable<string> streams, IEnumerable<string> tables) =>
        Table is not null ? tables.Contains(Table, StringComparer.Ordinal) : streams.Any(IsWithin);

    /// <summary>Whether permissions include everything that the pattern selects: <c>data:read.*</c>, or <c>data:read.G</c> for addresses
    /// whose first segment is G, and for tables equal to G or beginning with <c>G_</c>.</summary>
    public bool IsCovered(IEnumerable<string> permissions) => permissions.Any(permission =>
        permission.StartsWith(ReadPermission, StringComparison.Ordinal) && Includes(permission[ReadPermission.Length..]));

    /// <summary>Whether the address of a stream is a prefix of the pattern, so that the stream may have messages that the pattern
    /// selects.</summary>
    /// <param name="address">The address of a stream of this host.</param>
    /// <param name="rest">The pattern of the addresses of the messages; null if the pattern selects all messages of the stream.</param>
    public bool TrySelect(LexAddress address, out EsfAddressPattern? rest)
    {
        rest = null;
        string[] path = address.Path[1..].Split('/');
        if (Table is not null || address.Authority != _authority || path.Length > _segments.Length)
        {
            return false;
        }

        for (int i = 0; i < path.Length; i++)
        {
            if (_segments[i] != path[i] && !IsPlaceholder(_segments[i]))
            {
                return false;
            }
        }

        if (path.Length < _segments.Length)
        {
            IEnumerable<string> names = _segments.Skip(path.Length).Select(segment => IsPlaceholder(segment) ? "*" : segment);
            rest = EsfAddressPattern.Parse($"/{string.Join('/', names)}");
        }

        return true;
    }

    public override string ToString() => _text;

    private bool IsWithin(string declared)
    {
        string start = $"{LexAddress.Scheme}{_authority}/";
        string[] segments = declared.StartsWith(start, StringComparison.Ordinal) ? declared[start.Length..].Split('/') : [];
        if (segments.Length != _segments.Length)
        {
            return false;
        }

        Dictionary<string, string> bound = new(StringComparer.Ordinal);
        for (int i = 0; i < segments.Length; i++)
        {
            bool isWithin = IsPlaceholder(segments[i])
                ? bound.TryAdd(segments[i], _segments[i]) || bound[segments[i]] == _segments[i]
                : segments[i] == _segments[i];
            if (!isWithin)
            {
                return false;
            }
        }

        return true;
    }

    private bool Includes(string group) => group == "*" || (group.Length > 0 && (Table is { } table
        ? table == group || table.StartsWith(group + "_", StringComparison.Ordinal)
        : _segments[0] == group));

    private static bool IsPlaceholder(string segment) => segment is ['{', .., '}'];

    private static RemoteRefusalException Invalid(string reason) => new(ClientStatus.Invalid, $"The pattern is not valid: {reason}.");

    // The authority is not a segment.
    [GeneratedRegex(@"(?<=[^/]/)\{[a-z][a-z0-9_]{0,63}\}(?=/|\z)")]
    private static partial Regex Placeholder();
}
