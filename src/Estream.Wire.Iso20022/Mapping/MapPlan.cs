using System.Collections.Concurrent;
using System.Text;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The mapping of the content of an element type: the target of each child element, by the index of the element.</summary>
internal sealed class MapLevel(ContentType type)
{
    private readonly List<byte[]> _constants = [];

    /// <summary>The type of the element.</summary>
    public ContentType Type { get; } = type;

    /// <summary>The mappings of child elements by index; null for elements without a counterpart in ESF.</summary>
    public MapNode?[] Children { get; } = new MapNode?[type.Elements.Length];

    /// <summary>The field for the text of the element; null if it has child elements, or no field.</summary>
    public MapTarget? Text { get; init; }

    /// <summary>Constant fields of the object.</summary>
    public List<byte[]> Constants
    {
        get => _constants;
        init
        {
            _constants = value;
            Opening = Encoding.UTF8.GetBytes('{' + string.Join(',', value.Select(constant => Encoding.UTF8.GetString(constant))));
        }
    }

    /// <summary>The start of the object: the bracket and the constant fields.</summary>
    public byte[] Opening { get; private init; } = [(byte)'{'];
}

/// <summary>The mapping of one element.</summary>
/// <param name="Target">The field that the element is mapped to; null if only its content is mapped to fields.</param>
/// <param name="Level">The mapping of its content; null for a value.</param>
/// <param name="Once">For a repeatable element without a field of its own: the bit that distinguishes the first occurrence from later
/// occurrences; otherwise negative.</param>
/// <param name="IsTrimmed">Whether white space around its text is ignored.</param>
/// <param name="HasItems">Whether the element is an item of an array field, or contains such elements.</param>
internal sealed record MapNode(MapTarget? Target, MapLevel? Level, int Once = -1, bool IsTrimmed = false, bool HasItems = false);

/// <summary>Combines the shapes of the map with the schema of one message version.</summary>
internal sealed class MapPlan
{
    private static readonly ConcurrentDictionary<string, MapNode?> s_builtIn = new(StringComparer.Ordinal);

    private readonly Dictionary<string, MapShape> _shapes;
    private readonly Dictionary<(ContentType, MapShape), MapLevel> _levels = [];

    private MapPlan(Dictionary<string, MapShape> shapes)
    {
        _shapes = shapes;
    }

    /// <summary>Returns the cached plan of a message by the built-in map; null if the map has no such message.</summary>
    public static MapNode? Of(MessageSchema schema) => s_builtIn.GetOrAdd(schema.Name, static (_, of) => Of(of, MapTable.BuiltIn), schema);

    /// <summary>Creates the plan of a message.</summary>
    /// <param name="schema">The schema of the message.</param>
    /// <param name="shapes">The map.</param>
    /// <returns>The mapping of the root element; null if the map has no such message.</returns>
    public static MapNode? Of(MessageSchema schema, Dictionary<string, MapShape> shapes)
    {
        // The root element, Document, has one child element: the message.
        string message = string.Join('.', schema.Name.Split('.').Take(2));
        if (!shapes.TryGetValue(message, out MapShape? shape) || schema.Root.Type.Elements.Length != 1)
        {
            return null;
        }

        MapLevel root = new(schema.Root.Type);
        root.Children[0] = new MapNode(null, new MapPlan(shapes).LevelOf(schema.Root.Type.Elements[0].Type, shape));
        return new MapNode(null, root);
    }

    private MapLevel LevelOf(ContentType type, MapShape shape)
    {
        if (!_levels.TryGetValue((type, shape), out MapLevel? level))
        {
            level = new MapLevel(type) { Constants = shape.Constants, Text = type.Kind == ContentKind.Text ? shape.Text : null };
            _levels.Add((type, shape), level);
            Fill(level, shape.Root);
        }

        return level;
    }

    private void Fill(MapLevel level, MapEntry entry)
    {
        for (int index = 0; index < level.Children.Length; index++)
        {
            ElementDeclaration element = level.Type.Elements[index];
            level.Children[index] = entry.Children.TryGetValue(element.ToString(), out MapEntry? child) ? NodeOf(element, child) : null;
        }
    }

    private MapNode? NodeOf(ElementDeclaration element, MapEntry entry)
    {
        ContentType type = element.Type;
        if (type.Elements.Any(below => entry.Children.ContainsKey(below.ToString())))
        {
            MapLevel level = new(type);
            Fill(level, entry);

            // Single-value fields come from the first occurrence only, so that two documents are not mixed. Array items come from all
            // occurrences.
            return new MapNode(null, level, element.IsRepeatable ? entry.Ordinal : -1,
                HasItems: level.Children.Any(child => child?.HasItems == true));
        }

        if (entry.Target is not { } target)
        {
            return null;
        }

        if (target.Shape.Length == 0)
        {
            return type.Kind == ContentKind.Text
                ? new MapNode(target, null, IsTrimmed: type.Text!.Kind != ValueKind.Text, HasItems: target.IsItem)
                : null;
        }

        MapLevel content = LevelOf(type, _shapes[target.Shape]);
        return type.Kind != ContentKind.Text || content.Text is not null ? new MapNode(target, content, HasItems: target.IsItem) : null;
    }
}
