using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Reads and writes the key table of a document. Each key appears once under its id, which is recomputed when read. Roles refer to
/// keys by id.</summary>
internal static class KeyTable
{
    private const int MaxKeys = 256;

    public static Dictionary<string, DocumentKey> Read(JsonFields fields, string name)
    {
        Dictionary<string, DocumentKey> keys = new(StringComparer.Ordinal);
        foreach ((string id, JsonFields member) in fields.ObjectsByName(name, MaxKeys))
        {
            if (!DocumentKey.TryRead(member, out DocumentKey? key))
            {
                continue;
            }

            if (key.Id != id)
            {
                fields.Refuse(name, $"the key under '{id}' has the id {key.Id}; the id must be the SHA-256 of the key");
            }

            keys[key.Id] = key;
        }

        return keys;
    }

    public static JsonObject Write(IEnumerable<DocumentKey> keys)
    {
        JsonObject table = new();
        foreach (DocumentKey key in keys)
        {
            table.TryAdd(key.Id, key.ToJson());
        }

        return table;
    }

    public static RoleKeys? ReadRole(JsonFields fields, Dictionary<string, DocumentKey> keys)
    {
        DocumentKey[] named = ReadNamed(fields, "keys", keys);
        long threshold = fields.Integer("threshold", 1, RoleKeys.MaxKeys);
        if (RoleKeys.Wrong(named, threshold) is not { } reason)
        {
            return new RoleKeys(named, (int)threshold);
        }

        fields.Refuse("keys", reason);
        return null;
    }

    /// <summary>Reads keys that are referred to by id.</summary>
    public static DocumentKey[] ReadNamed(JsonFields fields, string name, Dictionary<string, DocumentKey> keys)
    {
        IReadOnlyList<string> ids = fields.Texts(name, RoleKeys.MaxKeys, DocumentKey.IdBytes * 2);
        if (ids.FirstOrDefault(id => !keys.ContainsKey(id)) is { } unknown)
        {
            fields.Refuse(name, $"'{unknown}' is not the id of a key in the document");
        }

        return [.. ids.Where(keys.ContainsKey).Select(id => keys[id])];
    }

    public static JsonObject WriteRole(RoleKeys role) => new() { { "keys", WriteNamed(role.Keys) }, { "threshold", role.Threshold } };

    public static JsonArray WriteNamed(IEnumerable<DocumentKey> keys) => JsonArray.Of(keys.Select(key => (JsonValue)key.Id));
}
