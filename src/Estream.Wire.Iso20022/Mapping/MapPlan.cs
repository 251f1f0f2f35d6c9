using System.Collections.Concurrent;
using System.Text;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>What becomes of what is in an element of one type: for each of the elements of the type, by its place, what becomes of
/// it.</summary>
internal sealed class MapLevel(ContentType type)
{
    private readonly List<byte[]> _constants = [];

    /// <summary>The type of the element.</summary>
    public ContentType Type { get; } = type;

    /// <summary>By the places of the elements; null for those without a place in ESF.</summary>
    public MapNode?[] Children { get; } = new MapNode?[type.Elements.Length];

    /// <summary>The field that the text of the element goes to; null where it has elements, or none.</summary>
    public MapTarget? Text { get; init; }

    /// <summary>Fields of the object that are the same always.</summary>
    public List<byte[]> Constants
    {
        get => _constants;
        init
        {
            _constants = value;
            Opening = Encoding.UTF8.GetBytes('{' + string.Join(',', value.Select(constant => Encoding.UTF8.GetString(constant))));
        }
    }

    /// <summary>What the object begins with: the bracket, and these fields.</summary>
    public byte[] Opening { get; private init; } = [(byte)'{'];
}

/// <summary>What becomes of one element.</summary>
/// <param name="Target">The field it goes to; null where only what is in it goes somewhere.</param>
/// <param name="Level">What becomes of what is in it; null for a value.</param>
/// <param name="Once">Where the element may be repeated and goes to no field itself: the bit by which the first one is told from the
/// others. Below 0 elsewhere.</param>
/// <param name="IsTrimmed">Whether white space around its text does not count.</param>
/// <param name="HasItems">Whether it is one item of a field, or has such in it.</param>
internal sealed record MapNode(MapTarget? Target, MapLevel? Level, int Once = -1, bool IsTrimmed = false, bool HasItems = false);

/// <summary>Lays the shapes of the map over the schema of one version of a message.</summary>
internal sealed class MapPlan
{
    private static readonly ConcurrentDictionary<string, MapNode?> s_builtIn = new(StringComparer.Ordinal);

    private readonly Dictionary<string, MapShape> _shapes;
    private readonly Dictionary<(ContentType, MapShape), MapLevel> _levels = [];

    private MapPlan(Dictionary<string, MapShape> shapes)
    {
        _shapes = shapes;
    }

    /// <summary>The plan of a message by the map that comes with the library, made once. Null where that knows no such message.</summary>
    public static MapNode? Of(MessageSchema schema) => s_builtIn.GetOrAdd(schema.Name, static (_, of) => Of(of, MapTable.BuiltIn), schema);

    /// <summary>Makes the plan of a message.</summary>
    /// <param name="schema">Its schema.</param>
    /// <param name="shapes">The map.</param>
    /// <returns>What becomes of its root element; null where the map knows no such message.</returns>
    public static MapNode? Of(MessageSchema schema, Dictionary<string, MapShape> shapes)
    {
        // The root element, Document, has one: that of the message.
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

            // Of a document there is one number: those of a second one must not be mixed into the first. Items are those of all.
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
