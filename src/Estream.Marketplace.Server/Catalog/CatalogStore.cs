using System.Text;
using Estream.Marketplace.Server.Data;
using Estream.Marketplace.Trust.Roles;
using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>Reads the catalogue from the database. Thread-safe.</summary>
internal sealed class CatalogStore(MarketplaceDatabase database)
{
    /// <summary>Adds the initial categories to a new database.</summary>
    public void AddInitial() => database.Write(connection =>
    {
        int position = 0;
        foreach (Category category in Category.Initial)
        {
            MarketplaceDatabase.Run(connection, """
                INSERT OR IGNORE INTO categories(id, position, name, description, icon, component, permissions, installer, cap)
                VALUES ($id, $position, $name, $description, $icon, $component, $permissions, $installer, $cap)
                """,
                ("$id", category.Id), ("$position", position++), ("$name", category.Name), ("$description", category.Description),
                ("$icon", category.Icon), ("$component", category.Component), ("$permissions", string.Join(' ', category.Permissions)),
                ("$installer", category.Installer), ("$cap", category.InstallCap));
        }

        return position;
    });

    /// <summary>Returns the categories in the order of display.</summary>
    public IReadOnlyList<Category> Categories() => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT id, name, description, icon, component, permissions, installer, cap FROM categories ORDER BY position", CategoryOf));

    /// <summary>Returns a category; null if there is none.</summary>
    public Category? Find(string id) => Categories().FirstOrDefault(category => category.Id == id);

    /// <summary>Returns a page of a category.</summary>
    public ItemPage List(string category, ItemQuery query)
    {
        bool isByName = query.Sort.EndsWith("name", StringComparison.Ordinal);
        bool isDescending = query.Sort.StartsWith('-');
        string key = isByName ? "name" : "updated";
        (string order, string beyond) = isDescending ? ("DESC", "<") : ("ASC", ">");
        List<(string Name, object? Value)> values = [("$category", category), ("$limit", query.Limit + 1)];
        StringBuilder text = new("SELECT item, slug, name, updated FROM items WHERE category=$category AND listed=1");
        for (int word = 0; word < query.Words.Count; word++)
        {
            text.Append($" AND instr(words, $word{word}) > 0");
            values.Add(($"$word{word}", query.Words[word]));
        }

        Add("tier >= $tier", "$tier", query.Tier is { } tier ? (int)tier : null);
        Add("author = $author", "$author", query.Author);
        Add("license = $license", "$license", query.License);
        if (query.After is { } after)
        {
            text.Append($" AND ({key}, slug) {beyond} ($key, $slug)");
            values.Add(("$key", isByName ? after.Key : long.Parse(after.Key, System.Globalization.CultureInfo.InvariantCulture)));
            values.Add(("$slug", after.Slug));
        }

        text.Append($" ORDER BY {key} {order}, slug {order} LIMIT $limit");
        List<(string Item, string Slug, string Name, long Updated)> rows = database.Read(connection => MarketplaceDatabase.Query(
            connection, text.ToString(), row => (row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)), [.. values]));
        bool hasMore = rows.Count > query.Limit;
        (string Item, string Slug, string Name, long Updated)? last = hasMore ? rows[query.Limit - 1] : null;
        return new ItemPage(
            [.. rows.Take(query.Limit).Select(row => MarketplaceJson.Read<CatalogItem>(row.Item))],
            last is { } end ? query.CursorAfter(isByName ? end.Name : $"{end.Updated}", end.Slug).ToString() : null);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                text.Append($" AND {condition}");
                values.Add((name, value));
            }
        }
    }

    /// <summary>Returns an item; null if the category has none with this slug.</summary>
    public ItemDetail? Find(string category, string slug) => database.Read(connection => MarketplaceDatabase.Query(connection,
        "SELECT detail FROM items WHERE slug=$slug AND category=$category", row => MarketplaceJson.Read<ItemDetail>(row.GetString(0)),
        ("$slug", slug), ("$category", category))).FirstOrDefault();

    /// <summary>Returns the name of a tier in answers.</summary>
    public static string NameOf(TrustTier tier) => tier.ToString().ToLowerInvariant();

    private static Category CategoryOf(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3),
        row.GetString(4), row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries), row.GetString(6),
        row.IsDBNull(7) ? null : row.GetInt32(7));
}
