using System.Text;
using Estream.Core;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests.Schema;

/// <summary>A schema is compiled completely, or refused with the position of the unsupported part.</summary>
public sealed class XsdCompilerTests
{
    private const string Whole = """
        <xs:schema xmlns="urn:x" xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" targetNamespace="urn:x">
          <xs:annotation><xs:documentation>free <b>text</b></xs:documentation></xs:annotation>
          <xs:element name="Document" type="Body"/>
          <xs:complexType name="Body"><xs:sequence><xs:element name="Id" type="Max35Text"/><xs:element maxOccurs="unbounded" minOccurs="0" name="Amt" type="Amount"/><xs:element name="Other" type="Choice" minOccurs="0"/></xs:sequence></xs:complexType>
          <xs:complexType name="Choice"><xs:choice><xs:element name="Cd" type="Code" maxOccurs="3"/><xs:element name="Any" type="Any"/></xs:choice></xs:complexType>
          <xs:complexType name="Any"><xs:sequence><xs:any namespace="urn:y" processContents="lax"/></xs:sequence></xs:complexType>
          <xs:complexType name="Amount"><xs:simpleContent><xs:extension base="Number"><xs:attribute name="Ccy" type="Code" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
          <xs:simpleType name="Max35Text"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="35"/></xs:restriction></xs:simpleType>
          <xs:simpleType name="Number"><xs:restriction base="xs:decimal"><xs:fractionDigits value="5"/><xs:totalDigits value="18"/><xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
          <xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:enumeration value="EUR"/><xs:enumeration value="CHF"/></xs:restriction></xs:simpleType>
        </xs:schema>
        """;

    [Fact]
    public void A_schema_is_compiled_completely()
    {
        MessageSchema schema = Compile(Whole);
        ContentType body = schema.Root.Type;

        Assert.Equal(("urn:x", "Document"), (schema.Name, schema.Root.ToString()));
        Assert.Equal((ContentKind.Sequence, 3), (body.Kind, body.Elements.Length));
        Assert.Equal((1, 1), (body.Elements[0].Min, body.Elements[0].Max));
        Assert.Equal((0, int.MaxValue), (body.Elements[1].Min, body.Elements[1].Max));
        Assert.Equal((1, 35), (body.Elements[0].Type.Text!.MinLength, body.Elements[0].Type.Text!.MaxLength));
        ContentType amount = body.Elements[1].Type;
        Assert.Equal((ValueKind.Number, 5, 18), (amount.Text!.Kind, amount.Text.FractionDigits, amount.Text.TotalDigits));
        Assert.Equal(0, amount.Text.MinInclusive);
        Assert.True(amount.Attributes is [{ IsRequired: true, Type.Values.Length: 2 }]);
        ContentType choice = body.Elements[2].Type;
        Assert.Equal((ContentKind.Choice, 3, ContentKind.Any), (choice.Kind, choice.Elements[0].Max, choice.Elements[1].Type.Kind));
        Assert.Equal("urn:y", Encoding.UTF8.GetString(choice.Elements[1].Type.AnyNamespace!));
    }

    [Fact]
    public void A_choice_alone_in_a_sequence_is_a_choice_and_is_refused_next_to_elements()
    {
        string older = Whole.Replace("<xs:choice>", "<xs:sequence><xs:choice>", StringComparison.Ordinal)
            .Replace("</xs:choice>", "</xs:choice></xs:sequence>", StringComparison.Ordinal);
        ContentType choice = Compile(older).Root.Type.Elements[2].Type;

        Assert.Equal((ContentKind.Choice, 2), (choice.Kind, choice.Elements.Length));
        EstreamFormatException refused = Assert.Throws<EstreamFormatException>(() =>
            Compile(older.Replace("</xs:choice>", "</xs:choice><xs:element name=\"More\" type=\"Code\"/>", StringComparison.Ordinal)));
        Assert.Contains("'choice'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base64_type_has_a_length()
    {
        string binary = Whole.Replace("<xs:restriction base=\"xs:string\"><xs:minLength",
            "<xs:restriction base=\"xs:base64Binary\"><xs:minLength", StringComparison.Ordinal);
        SimpleType type = Compile(binary).Root.Type.Elements[0].Type.Text!;

        Assert.Equal((ValueKind.Binary, 1, 35), (type.Kind, type.MinLength, type.MaxLength));
    }

    [Theory]
    [InlineData("qualified", "unqualified", "elementFormDefault")]
    [InlineData("<xs:element name=\"Document\" type=\"Body\"/>", "", "one root element")]
    [InlineData("type=\"Body\"", "type=\"Bodies\"", "'Bodies'")]
    [InlineData("name=\"Any\"><xs:sequence>", "name=\"Any\"><xs:all>", "'all'")]
    [InlineData("name=\"Any\"><xs:sequence>", "name=\"Any\" mixed=\"true\"><xs:sequence>", "'mixed'")]
    [InlineData("<xs:choice>", "<xs:choice maxOccurs=\"2\">", "'maxOccurs'")]
    [InlineData("processContents=\"lax\"", "processContents=\"strict\"", "processContents=\"lax\"")]
    [InlineData("namespace=\"urn:y\"", "namespace=\"##other\"", "allow any or exactly one namespace")]
    [InlineData("maxOccurs=\"3\"", "maxOccurs=\"0\"", "maxOccurs")]
    [InlineData("maxOccurs=\"3\"", "maxOccurs=\"-3\"", "'-3'")]
    [InlineData("maxOccurs=\"3\"", "maxOccurs=\"3\" nillable=\"true\"", "'nillable'")]
    [InlineData("name=\"Amt\"", "name=\"Id\"", "with distinct names")]
    [InlineData("<xs:extension base=\"Number\">", "<xs:extension base=\"Choice\">", "'Choice'")]
    [InlineData("base=\"xs:decimal\"", "base=\"xs:double\"", "'xs:double'")]
    [InlineData("base=\"xs:decimal\"", "base=\"xs:string\"", "supported facets are")]
    [InlineData("<xs:minInclusive value=\"0\"/>", "<xs:minInclusive value=\"5\"/>", "minimum 0 or 1")]
    [InlineData("<xs:minInclusive value=\"0\"/>", "<xs:maxInclusive value=\"0\"/>", "'maxInclusive'")]
    [InlineData("<xs:minLength value=\"1\"/>", "<xs:minLength value=\"1\"/><xs:minLength value=\"2\"/>", "must not occur twice")]
    [InlineData("<xs:minLength value=\"1\"/>", "<xs:pattern value=\"a|b\"/>", "without backtracking")]
    [InlineData("name=\"Code\"><xs:restriction", "name=\"Number\"><xs:restriction", "two types 'Number'")]
    [InlineData("<xs:element name=\"Id\"", "<Id xmlns=\"urn:z\"/><xs:element name=\"Id\"", "another namespace")]
    [InlineData("</xs:schema>", "", "UnexpectedEnd")]
    public void An_unsupported_schema_feature_is_refused(string old, string changed, string why)
    {
        string text = Whole.Replace(old, changed, StringComparison.Ordinal);
        text = changed.Contains("xs:all", StringComparison.Ordinal)
            ? text.Replace("lax\"/></xs:sequence>", "lax\"/></xs:all>", StringComparison.Ordinal)
            : text;
        EstreamFormatException refused = Assert.Throws<EstreamFormatException>(() => Compile(text));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("x.xsd", refused.Message, StringComparison.Ordinal);
    }

    private static MessageSchema Compile(string text) => XsdCompiler.Compile(Encoding.UTF8.GetBytes(text), "x.xsd");
}
