using Estream.Testing;
using Estream.Wire.Fix.Dictionary;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Dictionary;

/// <summary>Dictionaries come from counterparties: every error is reported with its line, and no dictionary exhausts memory or ends the
/// process.</summary>
public class FixDictionaryReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("no xml")]
    [InlineData("<fix><fields></fix>")]
    [InlineData("<!DOCTYPE fix [<!ENTITY a 'x'>]><fix>&a;</fix>")]
    [InlineData("<!DOCTYPE fix SYSTEM 'http://127.0.0.1:1/fix.dtd'><fix />")]
    public void Invalid_XML_is_refused(string xml)
    {
        FixDictionaryException refused = Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(xml));

        Assert.Contains("small.xml", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
    }

    [Theory]
    [InlineData("<dictionary />", "has the root <fix>")]
    [InlineData("<fix major='4' minor='4'><header /><messages /><trailer /></fix>", "<fields> is missing")]
    [InlineData("<fix major='4' minor='4'><messages /><trailer /><fields /></fix>", "<header> is missing")]
    [InlineData("<fix minor='4'><header /><messages /><trailer /><fields /></fix>", "needs the attribute major")]
    public void XML_that_is_not_a_dictionary_is_refused(string xml, string message)
    {
        Assert.Contains(message, Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(xml)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<field number='x' name='A' type='INT' />", "'x' is not a tag")]
    [InlineData("<field number='0' name='A' type='INT' />", "'0' is not a tag")]
    [InlineData("<field number='-1' name='A' type='INT' />", "'-1' is not a tag")]
    [InlineData("<field number='1000000' name='A' type='INT' />", "'1000000' is not a tag")]
    [InlineData("<field number='60' name='A' type='INTEGER' />", "'INTEGER' is not a field type")]
    [InlineData("<field number='60' type='INT' />", "needs the attribute name")]
    [InlineData("<field number='60' name='' type='INT' />", "needs the attribute name")]
    [InlineData("<field number='60' name='A' type='CHAR'><value description='X' /></field>", "needs the attribute enum")]
    [InlineData("<field number='1' name='A' type='INT' />", "defined twice")]
    [InlineData("<field number='60' name='Account' type='INT' />", "defined twice")]
    public void Invalid_field_definition_is_reported_with_its_line(string field, string message)
    {
        RequireMistake(SmallDictionary.Xml(fields: SmallDictionary.Fields + "\n" + field), field, message);
    }

    [Theory]
    [InlineData("<field name='Acount' required='Y' />", "field Acount is not defined")]
    [InlineData("<field name='Account' required='yes' />", "required='yes'")]
    [InlineData("<component name='Detail' required='Y' />", "component Detail is not defined")]
    [InlineData("<group name='NoLegs' required='N' />", "a group needs a field")]
    [InlineData("<fields name='Account' />", "<fields> is not expected here")]
    public void Invalid_member_is_reported_with_its_line(string member, string message)
    {
        string messages = $"<message name='Order' msgtype='D' msgcat='app'>\n{member}\n</message>";

        RequireMistake(SmallDictionary.Xml(messages: messages), member, message);
    }

    [Theory]
    [InlineData("<message name='A' msgtype='ABCDEFGH' msgcat='app' />", "longer than 7 bytes")]
    [InlineData("<message name='A' msgcat='app' />", "needs the attribute msgtype")]
    [InlineData("<message name='A' msgtype='D' msgcat='app' />", "'D' is defined twice")]
    public void Invalid_message_definition_is_reported_with_its_line(string element, string message)
    {
        RequireMistake(SmallDictionary.Xml(messages: SmallDictionary.Messages + "\n" + element), element, message);
    }

    [Fact]
    public void Component_that_contains_itself_is_reported_with_its_line()
    {
        string loop =
            "<component name='Loop'><component name='Back' /></component><component name='Back'><component name='Loop' /></component>";
        string messages = "<message name='Order' msgtype='D' msgcat='app'><component name='Loop' /></message>";

        RequireMistake(SmallDictionary.Xml(messages: messages, components: SmallDictionary.Components + "\n" + loop), loop,
            "contains itself");
    }

    [Fact]
    public void Expanding_components_stops_at_the_member_limit()
    {
        // The dictionary has 4,000 fields in a component, and 200 messages with it: 800,000 members from half a megabyte.
        string fields = string.Concat(Enumerable.Range(10_000, 4_000).Select(tag => $"<field number='{tag}' name='F{tag}' type='INT' />"));
        string members = string.Concat(Enumerable.Range(10_000, 4_000).Select(tag => $"<field name='F{tag}' />"));
        string messages = string.Concat(Enumerable.Range(0, 200)
            .Select(number => $"<message name='M{number}' msgtype='U{number}'><component name='All' /></message>"));
        string xml = SmallDictionary.Xml(SmallDictionary.Fields + fields, messages, $"<component name='All'>{members}</component>");

        FixDictionaryException refused = Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(xml));

        Assert.Contains("500000 members", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_depth_of_groups_is_limited()
    {
        string open = string.Concat(Enumerable.Repeat("<group name='NoLegs'><field name='LegName' />", 70));
        string close = string.Concat(Enumerable.Repeat("</group>", 70));
        string messages = $"<message name='Order' msgtype='D' msgcat='app'>{open}{close}</message>";

        FixDictionaryException refused =
            Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(SmallDictionary.Xml(messages: messages)));

        Assert.Contains("levels deep", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_length_is_limited()
    {
        string xml = SmallDictionary.Xml(fields: SmallDictionary.Fields + new string(' ', 9 * 1024 * 1024));

        FixDictionaryException refused = Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(xml));

        Assert.Contains("is not a valid XML document", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dictionary_is_read_completely()
    {
        FixDictionary dictionary = SmallDictionary.Read(SmallDictionary.Xml());

        Assert.Equal("FIX.9.1", dictionary.Version);
        Assert.Equal(24, dictionary.FieldCount);
        Assert.Equal(2, dictionary.MessageCount);
        FixFieldSet body = dictionary.Message("D"u8)!.Body;
        Assert.Equal("Account", Names(body));
        Assert.Equal("Number", Names(dictionary.Message("0"u8)!.Body));
        Assert.True(body.TryGet(20, out FixGroupDefinition? legs));
        Assert.Equal((20, 21, 2), (legs!.CountTag, legs.Delimiter, legs.Depth));
        Assert.Equal("LegName LegPrice", Names(legs.Entry));
        Assert.True(legs.Entry.TryGet(23, out FixGroupDefinition? parts));
        Assert.Equal((23, 24, 1), (parts!.CountTag, parts.Delimiter, parts.Depth));
        Assert.Equal([9, 13], dictionary.LengthTags);
        Assert.Equal([14], dictionary.DataTags);
    }

    [Fact]
    public void Missing_file_or_FIFO_is_reported_with_its_path()
    {
        using TempDirectory place = new();
        string file = Path.Combine(place.Path, "missing.xml");
        ChildProcess.Run("mkfifo", [place.Combine("pipe")]).EnsureSuccess();

        Assert.Contains("is a pipe", Assert.Throws<FixDictionaryException>(() => FixDictionary.Load(place.Combine("pipe"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(file, Assert.Throws<FixDictionaryException>(() => FixDictionary.Load(file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, SmallDictionary.Xml());
        Assert.Equal("FIX.9.1", FixDictionary.Load(file).Version);
    }

    private static void RequireMistake(string xml, string part, string message)
    {
        int place = xml.IndexOf(part, StringComparison.Ordinal);
        int line = xml[..place].Count(character => character == '\n') + 1;

        FixDictionaryException refused = Assert.Throws<FixDictionaryException>(() => SmallDictionary.Read(xml));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(line, refused.Line);
    }

    private static string Names(FixFieldSet set)
    {
        return string.Join(" ", set.Required.ToArray().Select(field => field.Name));
    }
}
