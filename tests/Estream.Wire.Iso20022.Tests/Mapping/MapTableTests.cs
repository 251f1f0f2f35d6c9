using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>The map has no unused lines: each maps an element of some version, and all shapes are used.</summary>
public sealed class MapTableTests
{
    [Theory]
    [InlineData("a -> b", "Line 1")]
    [InlineData("shape a\n  b", "Line 2")]
    [InlineData("shape a\n\n# c\n  b -> c -> d", "Line 4")]
    [InlineData("shape a\n  b -> c : d : e", "Line 2")]
    [InlineData("shape a\n  b -> c\n  b -> d", "Line 3")]
    [InlineData("shape a\n  = b", "Line 2")]
    [InlineData("shape a\n  . -> b[]", "Line 2")]
    [InlineData("shape a\n  b -> ^c", "Line 2")]
    [InlineData("shape a\n  b -> ^c[] : a", "Line 2")]
    [InlineData("shape a\n  b -> c : D", "no shape 'D'")]
    [InlineData("shape a\n  b -> * : D", "no shape 'D'")]
    public void An_invalid_line_of_the_map_is_refused(string text, string why)
    {
        FormatException refused = Assert.Throws<FormatException>(() => MapTable.Parse(text));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_of_the_map_is_an_element_of_some_version()
    {
        HashSet<object> used = new(ReferenceEqualityComparer.Instance);
        foreach (MessageSchema schema in MessageSchemas.Names.Select(name => MessageSchemas.ByName(name)!))
        {
            if (MapPlan.Of(schema, MapTable.BuiltIn) is { Level: { } level })
            {
                Collect(level, used);
            }
        }

        foreach (MapShape shape in MapTable.BuiltIn.Values)
        {
            string[] vain = [.. MapTable.Targets(shape).Where(target => !used.Contains(target) && target != shape.Text)
                .Select(target => System.Text.Encoding.UTF8.GetString(target.Member))];
            Assert.True(vain.Length == 0, $"{shape.Name}: {string.Join(", ", vain)}");
        }
    }

    [Fact]
    public void All_versions_of_translated_messages_have_a_plan()
    {
        foreach (string name in MessageSchemas.Names)
        {
            bool isTranslated = !name.StartsWith("head.", StringComparison.Ordinal);
            Assert.Equal(isTranslated, MapPlan.Of(MessageSchemas.ByName(name)!, MapTable.BuiltIn) is not null);
        }
    }

    // Collects targets and levels.
    private static void Collect(MapLevel level, HashSet<object> used)
    {
        foreach (MapNode node in level.Children.OfType<MapNode>())
        {
            if (node.Target is { } target)
            {
                used.Add(target);
            }

            if (node.Level is { } below && used.Add(below))
            {
                Collect(below, used);
            }
        }
    }
}
