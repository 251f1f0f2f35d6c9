using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Estream.Marketplace;

namespace Estream.Host.Widgets;

/// <summary>Checks the JSON of a dashboard: docs/formats/dashboard.md. Never throws on any JSON.</summary>
internal static class DashboardSchema
{
    /// <summary>The maximum number of widgets of a dashboard.</summary>
    public const int MaxWidgets = 64;

    private const int Format = 1;
    private const int Columns = 12;
    private const int MaxRows = 64;
    private const int MaxY = 10_000;
    private const int MaxIdLength = 64;
    private const int MaxTextLength = 128;

    private const string BuiltinPrefix = "builtin/";

    private static readonly SearchValues<char> s_builtinCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly string[] s_members = ["format", "title", "widgets"];
    private static readonly string[] s_widgetMembers = ["id", "widget", "x", "y", "cols", "rows", "title", "config"];

    /// <summary>Returns the first error, as a sentence; null for a valid dashboard.</summary>
    public static string? ErrorIn(JsonElement dashboard)
    {
        if (MembersError(dashboard, "The dashboard", s_members) is { } wrong)
        {
            return wrong;
        }

        JsonElement widgets = dashboard.GetProperty("widgets");
        return NumberError(dashboard, "format", Format, Format) ?? TextError(dashboard, "title", "title", MaxTextLength)
            ?? (widgets.ValueKind != JsonValueKind.Array || widgets.GetArrayLength() > MaxWidgets
                ? $"widgets must be an array of at most {MaxWidgets} widgets."
                : WidgetsError(widgets));
    }

    private static string? WidgetsError(JsonElement widgets)
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach ((int index, JsonElement widget) in widgets.EnumerateArray().Index())
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"widgets[{index}]");
            string? wrong = MembersError(widget, path, s_widgetMembers)
                ?? TextError(widget, "id", $"{path}.id", MaxIdLength)
                ?? (ids.Add(widget.GetProperty("id").GetString()!) ? null : $"{path}.id is the id of another widget.")
                ?? TextError(widget, "widget", $"{path}.widget", MaxTextLength)
                ?? (IsWidget(widget.GetProperty("widget").GetString()!)
                    ? null
                    : $"{path}.widget must be the name of a widget, such as builtin/rates or @acme/doors.")
                ?? PlaceError(widget, path)
                ?? (widget.GetProperty("title").ValueKind == JsonValueKind.Null
                    ? null
                    : TextError(widget, "title", $"{path}.title", MaxTextLength))
                ?? (widget.GetProperty("config").ValueKind == JsonValueKind.Object ? null : $"{path}.config must be an object.");
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }

    private static bool IsWidget(string name) =>
        name.StartsWith(BuiltinPrefix, StringComparison.Ordinal)
            ? name.Length > BuiltinPrefix.Length && !name.AsSpan(BuiltinPrefix.Length).ContainsAnyExcept(s_builtinCharacters)
            : ComponentName.TryParse(name, out _, out _);

    private static string? PlaceError(JsonElement widget, string path) =>
        NumberError(widget, "x", 0, Columns - 1, path) ?? NumberError(widget, "y", 0, MaxY, path)
            ?? NumberError(widget, "cols", 1, Columns, path) ?? NumberError(widget, "rows", 1, MaxRows, path)
            ?? (widget.GetProperty("x").GetInt32() + widget.GetProperty("cols").GetInt32() > Columns
                ? string.Create(CultureInfo.InvariantCulture, $"{path} ends right of column {Columns}: reduce x or cols.")
                : null);

    /// <summary>Each member must be present once, so that all readers see the same dashboard.</summary>
    private static string? MembersError(JsonElement value, string path, string[] members)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return $"{path} must be an object.";
        }

        foreach (string member in members)
        {
            int count = value.EnumerateObject().Count(one => one.NameEquals(member));
            if (count != 1)
            {
                return count == 0 ? $"{path} has no {member}." : $"{path} has {member} more than once.";
            }
        }

        return value.EnumerateObject().Count() == members.Length
            ? null
            : $"{path} has an unknown member. The members are {string.Join(", ", members)}.";
    }

    private static string? NumberError(JsonElement value, string member, int minimum, int maximum, string? path = null) =>
        value.GetProperty(member) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int found)
            && found >= minimum && found <= maximum
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{(path is null ? "" : path + ".")}{member} must be a whole number from {minimum} to {maximum}.");

    private static string? TextError(JsonElement value, string member, string path, int maxLength)
    {
        try
        {
            return value.GetProperty(member) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } found
                && found.Length <= maxLength && !found.Any(char.IsControl)
                ? null
                : string.Create(CultureInfo.InvariantCulture,
                    $"{path} must be a text of 1 to {maxLength} characters without control characters.");
        }
        catch (InvalidOperationException)
        {
            return $"{path} has half of a surrogate pair, which is not a character.";
        }
    }
}
