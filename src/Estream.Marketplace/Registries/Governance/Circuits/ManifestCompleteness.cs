using System.Globalization;
using System.Text;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Esf.Schema.Internal;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>The node that checks that the manifest matches its declaration, is complete, and is of this release.</summary>
internal sealed class ManifestCompleteness(WidgetContentSource content)
{
    private static readonly EsfWidening s_widening = new(WidgetIdentified.Schema, WidgetDescribed.Schema);

    public void Run(ref NodeCall call)
    {
        WidgetIdentified.View review = WidgetIdentified.View.Of(call.Message);
        WidgetContentStatus status = content(review.ManifestHash, WidgetPublishLimits.MaxManifestBytes, out ReadOnlyMemory<byte> found);
        WidgetManifest? manifest = status == WidgetContentStatus.Found && HasHash(found.Span, review.ManifestHash)
            ? WidgetManifest.Read(found.Span)
            : null;
        IReadOnlyList<string> faults = manifest is null ? [Unread(status)] : FaultsOf(manifest, in review);
        IReadOnlyList<string> peers = manifest?.MissingPeers ?? [];
        var made = MessageWidening.Begin<WidgetDescribed.Additions>(s_widening, ref call);
        made.IncompleteManifest = faults.Count > 0;
        made.MissingPeerDependency = peers.Count > 0;
        if (manifest?.MaxBundleBytes is int most)
        {
            made.MaxBundleBytes = (ulong)most;
        }

        if (faults.Count + peers.Count > 0)
        {
            made.SetManifestDetails(string.Join('\n', faults.Concat(peers)));
        }

        call.Make(made.Length);
    }

    /// <summary>Returns whether content has a given SHA3-256.</summary>
    public static bool HasHash(ReadOnlySpan<byte> content, ReadOnlySpan<byte> sha3)
    {
        Span<byte> hash = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash(content, hash);
        return hash.SequenceEqual(sha3);
    }

    private static string Unread(WidgetContentStatus status) => status switch
    {
        WidgetContentStatus.Found => "the hash of the manifest in the store differs from the hash in the request",
        WidgetContentStatus.TooLong => "the manifest is too long",
        _ => "the manifest is not in the store",
    };

    private static IReadOnlyList<string> FaultsOf(WidgetManifest manifest, in WidgetIdentified.View review)
    {
        List<string> roles = [];
        foreach (ReadOnlySpan<byte> role in review.RequiredRoles)
        {
            roles.Add(Encoding.UTF8.GetString(role));
        }

        return manifest.FaultsFor(Encoding.UTF8.GetString(review.WidgetId), Encoding.UTF8.GetString(review.Version), roles);
    }
}

/// <summary>A mapping in a manifest. Returns the values of the mapping, and records a fault for each value that is missing or of another
/// kind.</summary>
internal sealed class ManifestPart
{
    private const int MaxItems = 64;
    private const int MaxCells = 64;

    private readonly MapNode? _map;
    private readonly string _where;
    private readonly Findings _faults;

    public ManifestPart(SourceNode node, string where, Findings faults)
    {
        _map = node as MapNode;
        _where = where;
        _faults = faults;
        if (_map is null)
        {
            _faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {node.Position.Line}: {where} must be a mapping"));
        }
    }

    public bool Has(string key) => _map?.Find(key) is not null;

    /// <summary>Returns the entries of the mapping, in file order, at most 64.</summary>
    public IEnumerable<KeyValuePair<ScalarNode, SourceNode>> Entries
    {
        get
        {
            if (_map is { Entries.Count: > MaxItems })
            {
                _faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_where} has more than {MaxItems} entries"));
                return [];
            }

            return _map?.Entries ?? [];
        }
    }

    /// <summary>Records each key that is not expected.</summary>
    public void ExpectKeys(Findings unknown, params ReadOnlySpan<string> keys)
    {
        foreach ((ScalarNode key, _) in _map?.Entries ?? [])
        {
            if (!keys.Contains(key.Value))
            {
                unknown.Add(string.Create(CultureInfo.InvariantCulture,
                    $"line {key.Position.Line}: '{key.Value}' has no meaning in {_where}: remove it"));
            }
        }
    }

    /// <summary>Returns a required mapping.</summary>
    /// <param name="key">The key.</param>
    /// <param name="faults">Receives the faults of the mapping; null for those of this part.</param>
    public ManifestPart? Map(string key, Findings? faults = null)
    {
        SourceNode? node = Required(key);
        return node is null ? null : new ManifestPart(node, $"'{key}'", faults ?? _faults);
    }

    /// <summary>Returns a required text.</summary>
    public string? Text(string key, string beginning = "")
    {
        SourceNode? node = Required(key);
        if (node is null)
        {
            return null;
        }

        if (node is ScalarNode { Value.Length: > 0 } scalar && scalar.Value.StartsWith(beginning, StringComparison.Ordinal))
        {
            return scalar.Value;
        }

        Wrong(key, node, beginning.Length == 0 ? "a text" : $"a text that begins with '{beginning}'");
        return null;
    }

    /// <summary>Returns a text in a nested mapping; null, without recording a fault, if either is missing or of another kind.</summary>
    public string? TextBelow(string key, string below) => ((_map?.Find(key) as MapNode)?.Find(below) as ScalarNode)?.Value;

    /// <summary>Returns a required text that must be one of some words.</summary>
    public string? Word(string key, params ReadOnlySpan<string> words)
    {
        SourceNode? node = Required(key);
        if (node is null)
        {
            return null;
        }

        if (node is ScalarNode scalar && words.Contains(scalar.Value))
        {
            return scalar.Value;
        }

        Wrong(key, node, words.Length == 1 ? $"'{words[0]}'" : $"one of {string.Join(", ", words.ToArray())}");
        return null;
    }

    /// <summary>Returns a required number of at least 1.</summary>
    public int? Number(string key, int most)
    {
        SourceNode? node = Required(key);
        if (node is null)
        {
            return null;
        }

        if (node is ScalarNode scalar && int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1 && number <= most)
        {
            return number;
        }

        Wrong(key, node, string.Create(CultureInfo.InvariantCulture, $"a number from 1 to {most}"));
        return null;
    }

    /// <summary>Returns the required columns and rows.</summary>
    public (int Cols, int Rows)? Size(string key)
    {
        ManifestPart? size = Map(key);
        int? cols = size?.NumberIn("cols");
        int? rows = size?.NumberIn("rows");
        return cols is int wide && rows is int high ? (wide, high) : null;
    }

    /// <summary>Returns a required list of texts.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        SourceNode? node = Required(key);
        if (node is null)
        {
            return null;
        }

        if (node is ListNode { Items.Count: <= MaxItems } list && list.Items.All(item => item is ScalarNode { Value.Length: > 0 }))
        {
            return [.. list.Items.Select(item => ((ScalarNode)item).Value)];
        }

        Wrong(key, node, string.Create(CultureInfo.InvariantCulture, $"a list of at most {MaxItems} non-empty strings"));
        return null;
    }

    /// <summary>Returns the mappings of a list.</summary>
    public IEnumerable<ManifestPart> Items(string key, bool isRequired)
    {
        SourceNode? node = isRequired ? Required(key) : _map?.Find(key);
        if (node is null)
        {
            return [];
        }

        if (node is ListNode { Items.Count: <= MaxItems } list && (list.Items.Count > 0 || !isRequired))
        {
            return [.. list.Items.Select(item => new ManifestPart(item, $"one of '{key}'", _faults)).Where(part => part._map is not null)];
        }

        Wrong(key, node, string.Create(CultureInfo.InvariantCulture, $"a list of {(isRequired ? 1 : 0)} to {MaxItems} mappings"));
        return [];
    }

    private int? NumberIn(string key) => _map is null ? null : Number(key, MaxCells);

    private SourceNode? Required(string key)
    {
        SourceNode? node = _map?.Find(key);
        if (node is null && _map is not null)
        {
            _faults.Add($"'{key}' is missing in {_where}");
        }

        return node;
    }

    private void Wrong(string key, SourceNode node, string wanted) =>
        _faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {node.Position.Line}: '{key}' must be {wanted}"));
}
