using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto;

/// <summary>
/// The queues and maps that a token reaches. Scopes only restrict: the role of the token must permit a request too. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>
/// A scope is <c>PATTERN:RIGHTS</c>. A pattern is a name, or a start of names followed by <c>*</c>, or <c>*</c> alone. Rights are separated
/// by commas: <c>read</c> and <c>append</c> for queues, <c>read</c> and <c>write</c> for maps. No right includes another. Once a token has
/// one scope of a queue or a map, it reaches no other queues and maps.
/// </remarks>
public sealed class AccessScopes : IEquatable<AccessScopes>
{
    /// <summary>The maximum number of scopes of a token.</summary>
    public const int MaxCount = 64;

    /// <summary>The maximum length of a pattern, in characters.</summary>
    public const int MaxPatternLength = 255;

    private const string QueueKind = "queue=";
    private const string MapKind = "map=";
    private const string WithoutFhir = "fhir=none";

    private readonly Scope[] _queues;
    private readonly Scope[] _maps;
    private readonly string _text;

    private AccessScopes(IEnumerable<Scope> queues, IEnumerable<Scope> maps, bool reachesFhir)
    {
        (_queues, _maps, ReachesFhir) = ([.. queues], [.. maps], reachesFhir);
        _text = string.Join(' ', _queues.Select(scope => QueueKind + scope.Text).Concat(_maps.Select(scope => MapKind + scope.Text))
            .Concat(reachesFhir ? [] : [WithoutFhir]));
    }

    [Flags]
    private enum Rights
    {
        None = 0,
        Read = 1,
        Change = 2,
    }

    /// <summary>No restriction.</summary>
    public static AccessScopes All { get; } = new([], [], reachesFhir: true);

    /// <summary>Whether the token reaches only the queues and maps that its scopes name.</summary>
    public bool IsLimited => _queues.Length + _maps.Length > 0;

    /// <summary>Whether the token reaches the logs of FHIR servers, if its other scopes permit it.</summary>
    public bool ReachesFhir { get; }

    /// <summary>Whether a scope gives the right <c>append</c>, or <c>write</c> to a map. Such a token needs the role operator.</summary>
    public bool HasChanges => _queues.Concat(_maps).Any(scope => scope.Rights.HasFlag(Rights.Change));

    /// <summary>Creates scopes.</summary>
    /// <param name="queues">The scopes of queues, such as <c>telemetry*:read,append</c>.</param>
    /// <param name="maps">The scopes of maps, such as <c>settings:write</c>.</param>
    /// <param name="reachesFhir">Whether the token may reach the logs of FHIR servers.</param>
    /// <exception cref="FormatException">A scope is not valid, or there are too many; the message says why.</exception>
    public static AccessScopes Create(IEnumerable<string> queues, IEnumerable<string> maps, bool reachesFhir)
    {
        AccessScopes scopes = new(queues.Select(text => Parse(text, "append")), maps.Select(text => Parse(text, "write")), reachesFhir);
        return scopes._queues.Length + scopes._maps.Length <= MaxCount
            ? scopes
            : throw new FormatException($"A token has at most {MaxCount} scopes.");
    }

    /// <summary>Reads the text of <see cref="ToString"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scopes">The scopes.</param>
    /// <returns>False if the text is not valid.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out AccessScopes? scopes)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] queues = Of(QueueKind);
        string[] maps = Of(MapKind);
        bool withoutFhir = parts.Contains(WithoutFhir, StringComparer.Ordinal);
        scopes = null;
        try
        {
            scopes = queues.Length + maps.Length + (withoutFhir ? 1 : 0) == parts.Length ? Create(queues, maps, !withoutFhir) : null;
        }
        catch (FormatException)
        {
            // The caller reports the whole line.
        }

        return scopes is not null;

        string[] Of(string kind) =>
            [.. parts.Where(part => part.StartsWith(kind, StringComparison.Ordinal)).Select(part => part[kind.Length..])];
    }

    /// <summary>Whether the token may read a queue.</summary>
    /// <param name="name">The name of the queue.</param>
    public bool MayReadQueue(string name) => Allow(_queues, name, Rights.Read);

    /// <summary>Whether the token may append to a queue.</summary>
    /// <param name="name">The name of the queue.</param>
    public bool MayAppend(string name) => Allow(_queues, name, Rights.Change);

    /// <summary>Whether a scope without <c>*</c> names a queue and gives the right to append.</summary>
    /// <param name="name">The name of the queue.</param>
    public bool NamesForAppend(string name) =>
        _queues.Any(scope => scope.Pattern == name && scope.Rights.HasFlag(Rights.Change));

    /// <summary>Whether the token may read a map.</summary>
    /// <param name="name">The name of the map.</param>
    public bool MayReadMap(string name) => Allow(_maps, name, Rights.Read);

    /// <summary>Whether the token may change a map.</summary>
    /// <param name="name">The name of the map.</param>
    public bool MayWriteMap(string name) => Allow(_maps, name, Rights.Change);

    /// <summary>Whether both restrict a token in the same way, in the same words.</summary>
    /// <param name="other">The other scopes.</param>
    public bool Equals(AccessScopes? other) => other is not null && other._text == _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessScopes);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>Returns the scopes as in the token file: <c>queue=telemetry*:append map=settings:write fhir=none</c>; empty for no
    /// restriction.</summary>
    public override string ToString() => _text;

    private bool Allow(Scope[] scopes, string name, Rights right)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsLimited)
        {
            return true;
        }

        foreach (Scope scope in scopes)
        {
            if (scope.Rights.HasFlag(right) && scope.Matches(name))
            {
                return true;
            }
        }

        return false;
    }

    private static Scope Parse(string text, string change)
    {
        int colon = text.LastIndexOf(':');
        string pattern = colon < 0 ? "" : text[..colon];
        Rights rights = Rights.None;
        foreach (string right in colon < 0 ? [] : text[(colon + 1)..].Split(','))
        {
            rights |= right == "read" ? Rights.Read
                : right == change ? Rights.Change
                : throw new FormatException($"The scope '{text}' has the right '{right}'. Rights are read and {change}.");
        }

        // A pattern is one word of the token file, and its only wildcard is the last character.
        if (pattern.Length is 0 or > MaxPatternLength || pattern.Any(c => c is <= ' ' or > '~') || pattern[..^1].Contains('*'))
        {
            throw new FormatException($"The scope '{text}' is not valid. Write NAME:RIGHTS or START*:RIGHTS, such as telemetry*:{change}.");
        }

        return new Scope(pattern, rights, text);
    }

    private sealed record Scope(string Pattern, Rights Rights, string Text)
    {
        public bool Matches(string name) => Pattern[^1] == '*'
            ? name.AsSpan().StartsWith(Pattern.AsSpan(0, Pattern.Length - 1), StringComparison.Ordinal)
            : name == Pattern;
    }
}
