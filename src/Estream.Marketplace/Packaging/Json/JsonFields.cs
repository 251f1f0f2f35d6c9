using System.Globalization;
using System.Text;
using Estream.Core;

namespace Estream.Marketplace.Json;

/// <summary>
/// Reads the members of an object, each once, and keeps the first fault. An unread member is a fault, because a signed document must be
/// understood completely. After a fault every read returns an empty value, so a document is read without intermediate checks and
/// <see cref="End"/> is called once. Not thread-safe.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonObject _object;
    private readonly string _path;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly JsonFields? _parent;
    private readonly List<JsonFields> _children = [];
    private string? _fault;

    /// <summary>Creates a reader for the members of a document.</summary>
    public JsonFields(JsonValue document)
        : this(document, "/", null)
    {
    }

    private JsonFields(JsonValue value, string path, JsonFields? parent)
    {
        (_path, _parent) = (path, parent);
        parent?._children.Add(this);
        _object = value as JsonObject ?? new JsonObject();
        if (value is not JsonObject)
        {
            Fail(path, $"must be an object, but is {value.Kind}");
        }
    }

    private string? Fault => _parent is null ? _fault : _parent.Fault;

    /// <summary>Returns whether a member exists.</summary>
    public bool Has(string name) => _object.TryGet(name, out _);

    /// <summary>Reads a text of bounded length in UTF-16 code units, without control characters.</summary>
    public string Text(string name, int maxLength, int minLength = 1)
    {
        string text = Take<JsonText>(name, "a text")?.Value ?? string.Empty;
        if (Has(name) && (text.Length < minLength || text.Length > maxLength || text.Any(char.IsControl)))
        {
            Fail(Of(name), $"must be a string of {minLength} to {maxLength} characters without control characters");
        }

        return text;
    }

    /// <summary>Reads a text that must be one of the accepted ones.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> accepted)
    {
        string text = Text(name, 256, 0);
        if (Has(name) && !accepted.Contains(text))
        {
            Fail(Of(name), $"must be {string.Join(" or ", accepted.ToArray().Select(one => $"'{one}'"))}");
        }

        return text;
    }

    /// <summary>Reads an integer within bounds.</summary>
    public long Integer(string name, long min, long max)
    {
        long number = Take<JsonInteger>(name, "a whole number")?.Value ?? min;
        if (number < min || number > max)
        {
            Fail(Of(name), $"must be from {min} to {max}, but is {number}");
            return min;
        }

        return number;
    }

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public bool Boolean(string name) => Take<JsonBoolean>(name, "true or false")?.Value ?? false;

    /// <summary>Reads bytes of a fixed length, in lower-case hexadecimal digits.</summary>
    public byte[] Hex(string name, int bytes)
    {
        string text = Take<JsonText>(name, "a text")?.Value ?? string.Empty;
        if (text.Length == bytes * 2 && text.All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
        {
            return Convert.FromHexString(text);
        }

        Fail(Of(name), $"must be {bytes} bytes in {bytes * 2} lower-case hexadecimal digits");
        return new byte[bytes];
    }

    /// <summary>Reads bytes in padded base64 (RFC 4648, section 4), in canonical encoding.</summary>
    public byte[] Base64(string name, int maxBytes, int minBytes = 0)
    {
        string text = Take<JsonText>(name, "a text")?.Value ?? string.Empty;
        if (TryDecodeBase64(text, maxBytes, out byte[] bytes) && bytes.Length >= minBytes)
        {
            return bytes;
        }

        string length = minBytes == maxBytes ? $"{maxBytes}" : $"{minBytes} to {maxBytes}";
        Fail(Of(name), $"must be {length} bytes in base64 (RFC 4648, section 4) with padding");
        return [];
    }

    /// <summary>Reads a time in UTC, to the second: <c>2026-11-23T06:33:00Z</c>.</summary>
    public DateTimeOffset Time(string name)
    {
        string text = Take<JsonText>(name, "a text")?.Value ?? string.Empty;
        if (DateTimeOffset.TryParseExact(text, JsonTime.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time))
        {
            return time;
        }

        Fail(Of(name), "must be a time in UTC, such as 2026-11-23T06:33:00Z");
        return default;
    }

    /// <summary>Returns a reader for a nested object.</summary>
    public JsonFields Object(string name) => new(Take<JsonValue>(name, "an object") ?? new JsonObject(), Of(name), this);

    /// <summary>Returns readers for the objects of an array.</summary>
    public IReadOnlyList<JsonFields> Objects(string name, int maxCount) =>
        [.. Items(name, maxCount).Select((item, number) => new JsonFields(item, $"{Of(name)}/{number}", this))];

    /// <summary>Returns readers for the members of an object with arbitrary names, whose values are objects.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonFields>> ObjectsByName(string name, int maxCount)
    {
        JsonObject members = Take<JsonObject>(name, "an object") ?? new JsonObject();
        if (members.Count > maxCount)
        {
            Fail(Of(name), $"has {members.Count} members; at most {maxCount} are allowed");
            return [];
        }

        return [.. members.Select(member =>
            KeyValuePair.Create(member.Key, new JsonFields(member.Value, $"{Of(name)}/{member.Key}", this)))];
    }

    /// <summary>Reads the texts of an array without duplicates.</summary>
    public IReadOnlyList<string> Texts(string name, int maxCount, int maxLength)
    {
        List<string> texts = [];
        foreach (JsonValue item in Items(name, maxCount))
        {
            if (item is not JsonText { Value: { Length: > 0 } text } || text.Length > maxLength || text.Any(char.IsControl)
                || texts.Contains(text))
            {
                Fail($"{Of(name)}/{texts.Count}",
                    $"must be a string of 1 to {maxLength} characters without control characters, and not a duplicate");
                return [];
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>Reads an object with arbitrary names, whose values are bytes in base64.</summary>
    public IReadOnlyDictionary<string, byte[]> Base64ByName(string name, int maxCount, int maxBytes)
    {
        JsonFields members = Object(name);
        if (members._object.Count > maxCount)
        {
            Fail(Of(name), $"has {members._object.Count} members; at most {maxCount} are allowed");
        }

        return members._object.Names.Take(maxCount)
            .ToDictionary(member => member, member => members.Base64(member, maxBytes), StringComparer.Ordinal);
    }

    /// <summary>Reads an object with arbitrary names, whose values are texts.</summary>
    public IReadOnlyDictionary<string, string> TextByName(string name, int maxCount, int maxLength)
    {
        JsonFields members = Object(name);
        if (members._object.Count > maxCount)
        {
            Fail(Of(name), $"has {members._object.Count} members; at most {maxCount} are allowed");
        }

        return members._object.Names.Take(maxCount)
            .ToDictionary(member => member, member => members.Text(member, maxLength), StringComparer.Ordinal);
    }

    /// <summary>Returns whether a member exists and is <c>null</c>; if so, marks it as read.</summary>
    public bool TakesNull(string name) => _object.TryGet(name, out JsonValue? value) && value is JsonNull && _taken.Add(name);

    /// <summary>Records a fault of a member, for rules specific to the document.</summary>
    public void Refuse(string name, string reason) => Fail(Of(name), reason);

    /// <summary>Completes the reading of this object and its nested objects.</summary>
    /// <returns>The first fault, as <c>/roles/root/threshold: …</c>; null if there is none.</returns>
    public string? End()
    {
        foreach (string name in _object.Names)
        {
            if (!_taken.Contains(name))
            {
                Fail(Of(name), "is unknown, and a signed document must not have unknown members");
            }
        }

        _children.ForEach(child => child.End());
        return Fault;
    }

    /// <summary>Decodes base64 if the text is the canonical encoding of its bytes.</summary>
    internal static bool TryDecodeBase64(string text, int maxBytes, out byte[] bytes)
    {
        bytes = [];
        if (text.Length > Base64EncodedLength(maxBytes) || text.Length % 4 != 0
            || text.Any(character => character > '~' || char.IsWhiteSpace(character)))
        {
            return false;
        }

        byte[] decoded = new byte[System.Buffers.Text.Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (System.Buffers.Text.Base64.DecodeFromUtf8(Encoding.ASCII.GetBytes(text), decoded, out _,
            out int written) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        bytes = decoded[..written];
        return written <= maxBytes && Convert.ToBase64String(bytes) == text;
    }

    private static int Base64EncodedLength(int bytes) => (bytes + 2) / 3 * 4;

    private JsonArray Items(string name, int maxCount)
    {
        JsonArray items = Take<JsonArray>(name, "an array") ?? [];
        if (items.Count <= maxCount)
        {
            return items;
        }

        Fail(Of(name), $"has {items.Count} items; at most {maxCount} are allowed");
        return [];
    }

    private T? Take<T>(string name, string kind)
        where T : JsonValue
    {
        _taken.Add(name);
        if (!_object.TryGet(name, out JsonValue? value))
        {
            Fail(Of(name), "is missing");
        }
        else if (value is not T)
        {
            Fail(Of(name), $"must be {kind}, but is {value.Kind}");
        }

        return value as T;
    }

    private string Of(string name) => _path == "/" ? $"/{name}" : $"{_path}/{name}";

    private void Fail(string path, string reason)
    {
        if (_parent is not null)
        {
            _parent.Fail(path, reason);
        }
        else
        {
            _fault ??= $"{path}: {reason}";
        }
    }
}

/// <summary>Formats the times in JSON documents: UTC, RFC 3339, with a resolution of one second.</summary>
internal static class JsonTime
{
    /// <summary>The RFC 3339 form that is written and read.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Returns the time of a clock, rounded down to the second.</summary>
    public static DateTimeOffset Now(IClock clock) => DateTimeOffset.FromUnixTimeSeconds(clock.UtcNanos / 1_000_000_000);
}
