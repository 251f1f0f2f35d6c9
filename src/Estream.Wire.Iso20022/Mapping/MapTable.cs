using System.Text;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Reads the map of elements to fields. Its syntax is described in Maps/messages.map.</summary>
internal static class MapTable
{
    private const string Resource = "messages.map";

    // The target of a line whose element becomes a separate message instead of a field.
    private const string Record = "*";

    private static readonly Lazy<Dictionary<string, MapShape>> s_builtIn = new(Load);

    /// <summary>The built-in shapes.</summary>
    public static Dictionary<string, MapShape> BuiltIn => s_builtIn.Value;

    /// <summary>Parses a map.</summary>
    /// <exception cref="FormatException">A line is invalid; the message gives its number.</exception>
    public static Dictionary<string, MapShape> Parse(string text)
    {
        Dictionary<string, MapShape> shapes = new(StringComparer.Ordinal);
        MapShape? shape = null;
        int number = 0;
        foreach (string line in text.Split('\n').Select(each => each.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith("shape ", StringComparison.Ordinal))
            {
                shape = new MapShape(line["shape ".Length..].Trim());
                shapes.Add(shape.Name, shape);
            }
            else if (shape is null || !(line[0] == '=' ? TryAddConstant(shape, line) : TryAddPath(shape, line)))
            {
                throw new FormatException($"Line {number} of the map is invalid: '{line}'.");
            }
        }

        string? missing = shapes.Values.SelectMany(Targets)
            .FirstOrDefault(target => target.Shape.Length > 0 && !shapes.ContainsKey(target.Shape))?.Shape;
        return missing is null ? shapes : throw new FormatException($"The map has no shape '{missing}'.");
    }

    /// <summary>Returns all fields of a shape to which elements are mapped.</summary>
    public static IEnumerable<MapTarget> Targets(MapShape shape) => TargetsOf(shape.Root).Concat(shape.Text is { } text ? [text] : []);

    private static IEnumerable<MapTarget> TargetsOf(MapEntry entry) =>
        entry.Children.Values.SelectMany(child => TargetsOf(child).Concat(child.Target is { } target ? [target] : []));

    // Reads a line "= FIELD : JSON".
    private static bool TryAddConstant(MapShape shape, string line)
    {
        string[] parts = line[1..].Split(" : ");
        if (parts.Length != 2)
        {
            return false;
        }

        shape.OrdinalOf(parts[0].Trim());
        shape.Constants.Add(Encoding.UTF8.GetBytes($"\"{parts[0].Trim()}\":{parts[1].Trim()}"));
        return true;
    }

    // Reads a line "PATH -> FIELD[] : KIND".
    private static bool TryAddPath(MapShape shape, string line)
    {
        string[] sides = line.Split(" -> ");
        string[] parts = sides[^1].Split(" : ");
        if (sides.Length != 2 || parts.Length > 2)
        {
            return false;
        }

        MapTarget target = TargetOf(shape, parts[0], parts.Length == 1 ? "" : parts[1]);
        if (sides[0] == ".")
        {
            shape.Text = target;
            return target is { Kind: MapKind.Text, IsItem: false };
        }

        bool isPossible = !target.IsOutside || target is { Kind: MapKind.Object, IsItem: false };
        return isPossible && TryAdd(shape, sides[0].Split('/'), target);
    }

    private static MapTarget TargetOf(MapShape shape, string field, string word)
    {
        bool isOutside = field.StartsWith('^');
        bool isCut = field.EndsWith("[...]", StringComparison.Ordinal);
        bool isItem = isCut || field.EndsWith("[]", StringComparison.Ordinal);
        string member = (isOutside ? field[1..] : field).Split('[')[0];
        MapKind kind = word switch
        {
            "" => MapKind.Text,
            "number" => MapKind.Number,
            "flag" => MapKind.Flag,
            "decimal" => MapKind.Decimal,
            "amount" => MapKind.Amount,
            _ => member == Record ? MapKind.Record : MapKind.Object,
        };
        return new MapTarget(Encoding.UTF8.GetBytes(member), shape.OrdinalOf(member), kind, isItem,
            kind is MapKind.Object or MapKind.Record ? word : "")
        {
            IsCut = isCut,
            IsOutside = isOutside,
        };
    }

    private static bool TryAdd(MapShape shape, string[] names, MapTarget target)
    {
        MapEntry entry = shape.Root;
        for (int depth = 0; depth < names.Length; depth++)
        {
            if (!entry.Children.TryGetValue(names[depth], out MapEntry? next))
            {
                next = new MapEntry();
                entry.Children.Add(names[depth], next);
            }

            entry = next;
            if (depth < names.Length - 1)
            {
                entry.Ordinal = shape.OrdinalOf(string.Join('/', names[..(depth + 1)]) + '/');
            }
        }

        bool isNew = entry.Target is null;
        entry.Target = target;
        return isNew;
    }

    private static Dictionary<string, MapShape> Load()
    {
        using Stream stream = typeof(MapTable).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd());
    }
}
