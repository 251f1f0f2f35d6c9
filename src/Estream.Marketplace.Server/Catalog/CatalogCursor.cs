using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>Where the next page of a list begins: after an item, in the order of one query. Clients treat the text as opaque.</summary>
/// <param name="Query">The digest of the query, because a cursor of another query would skip items.</param>
/// <param name="Key">The sort key of the last item.</param>
/// <param name="Slug">The slug of the last item.</param>
internal sealed record CatalogCursor(string Query, string Key, string Slug)
{
    private const int MaxLength = 1_024;
    private const int QueryDigits = 16;
    private const char Separator = '\n';

    /// <summary>Returns the digest of the parts of a query.</summary>
    public static string QueryOf(params IEnumerable<string?> parts)
    {
        StringBuilder text = new();
        foreach (string? part in parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? -1}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..QueryDigits];
    }

    /// <summary>Reads a cursor. Accepts any text and never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CatalogCursor? cursor)
    {
        cursor = null;
        if (text is null or { Length: 0 or > MaxLength })
        {
            return false;
        }

        string[] parts;
        try
        {
            parts = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(text)).Split(Separator);
        }
        catch (Exception invalid) when (invalid is ArgumentException or FormatException)
        {
            return false;
        }

        CatalogCursor? read = parts is [{ Length: QueryDigits } query, { } key, { Length: > 0 } slug]
            && Catalog.Slug.TryParse(slug, out _) ? new CatalogCursor(query, key, slug) : null;
        cursor = read?.ToString() == text ? read : null;
        return cursor is not null;
    }

    /// <summary>Returns the text of the cursor.</summary>
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(Separator, Query, Key, Slug)));
}
