using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>A search of a category: words, filters, order, and the page. Immutable.</summary>
internal sealed record ItemQuery
{
    /// <summary>The default number of items of a page.</summary>
    public const int DefaultLimit = 20;

    /// <summary>The maximum number of items of a page.</summary>
    public const int MaxLimit = 100;

    private const int MaxWords = 8;
    private const int MaxText = 200;

    private static readonly string[] s_names = ["q", "tier", "author", "license", "sort", "limit", "cursor"];
    private static readonly string[] s_sorts = ["name", "-name", "updated", "-updated"];

    private string _digest = "";

    /// <summary>The words that an item contains.</summary>
    public IReadOnlyList<string> Words { get; private init; } = [];

    /// <summary>The lowest trust tier.</summary>
    public TrustTier? Tier { get; private init; }

    /// <summary>The namespace of the author, such as <c>@acme</c>.</summary>
    public string? Author { get; private init; }

    /// <summary>The license (SPDX).</summary>
    public string? License { get; private init; }

    /// <summary>The order: <c>name</c>, <c>-name</c>, <c>updated</c> or <c>-updated</c>.</summary>
    public string Sort { get; private init; } = s_sorts[0];

    /// <summary>The maximum number of items.</summary>
    public int Limit { get; private init; } = DefaultLimit;

    /// <summary>Where the page begins; null for the first page.</summary>
    public CatalogCursor? After { get; private init; }

    /// <summary>Reads the parameters of an address. Accepts any text and never throws.</summary>
    /// <param name="category">The category, which a cursor belongs to.</param>
    /// <param name="parameters">The parameters, decoded; a name may occur several times.</param>
    /// <param name="query">The query.</param>
    /// <param name="fault">Why the parameters are not valid.</param>
    public static bool TryParse(string category, IEnumerable<KeyValuePair<string, string>> parameters,
        [NotNullWhen(true)] out ItemQuery? query, [NotNullWhen(false)] out string? fault)
    {
        query = null;
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach ((string name, string value) in parameters)
        {
            fault = !s_names.Contains(name, StringComparer.Ordinal)
                    ? $"The parameter '{Shown(name)}' is unknown. Known are {string.Join(", ", s_names)}."
                : !values.TryAdd(name, value) ? $"The parameter '{name}' is given twice."
                : name != "cursor" && (value.Length > MaxText || value.Any(char.IsControl))
                    ? $"The parameter '{name}' has at most {MaxText} characters and no control characters."
                : null;
            if (fault is not null)
            {
                return false;
            }
        }

        return TryRead(category, values, out query, out fault);
    }

    /// <summary>Returns the cursor behind an item.</summary>
    public CatalogCursor CursorAfter(string key, string slug) => new(_digest, key, slug);

    private static bool TryRead(string category, Dictionary<string, string> values, [NotNullWhen(true)] out ItemQuery? query,
        [NotNullWhen(false)] out string? fault)
    {
        query = null;
        string[] words = values.GetValueOrDefault("q", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? tierText = values.GetValueOrDefault("tier");
        TrustTier tier = default;
        CatalogCursor? cursor = null;
        int limit = DefaultLimit;
        string sort = values.GetValueOrDefault("sort", s_sorts[0]);
        string digest = CatalogCursor.QueryOf([category, string.Join(' ', words), values.GetValueOrDefault("tier"),
            values.GetValueOrDefault("author"), values.GetValueOrDefault("license"), sort]);
        fault = words.Length > MaxWords ? $"The parameter 'q' has at most {MaxWords} words."
            : tierText is not null && !TryTier(tierText, out tier)
                ? "The parameter 'tier' is one of core, verified, community and experimental."
            : values.TryGetValue("author", out string? author) && !NamespaceName.TryParse(author, out _)
                ? "The parameter 'author' is a namespace, such as @acme."
            : !s_sorts.Contains(sort, StringComparer.Ordinal) ? $"The parameter 'sort' is one of {string.Join(", ", s_sorts)}."
            : values.TryGetValue("limit", out string? limitText)
                && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit)
                ? $"The parameter 'limit' is a number from 1 to {MaxLimit}."
            : values.TryGetValue("cursor", out string? cursorText)
                && (!CatalogCursor.TryParse(cursorText, out cursor) || cursor.Query != digest || !IsKey(sort, cursor.Key))
                ? "The parameter 'cursor' is not of this query. Begin without a cursor."
            : null;
        query = fault is not null ? null : new ItemQuery
        {
            _digest = digest,
            Words = [.. words.Select(word => word.ToLowerInvariant())],
            Tier = tierText is null ? null : tier,
            Author = values.GetValueOrDefault("author"),
            License = values.GetValueOrDefault("license"),
            Sort = sort,
            Limit = limit,
            After = cursor,
        };
        return query is not null;
    }

    private static bool TryTier(string text, out TrustTier tier)
    {
        int index = Array.FindIndex(Enum.GetNames<TrustTier>(), name => CatalogStore.NameOf(Enum.Parse<TrustTier>(name)) == text);
        tier = (TrustTier)Math.Max(index, 0);
        return index >= 0;
    }

    private static bool IsKey(string sort, string key) =>
        sort.EndsWith("name", StringComparison.Ordinal) || long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Shown(string name) => new([.. name.Take(40).Where(letter => !char.IsControl(letter))]);
}
