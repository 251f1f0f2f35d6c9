using System.Text;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests.Schema;

/// <summary>The built-in schemas.</summary>
public sealed class MessageSchemasTests
{
    private static readonly string[] s_names =
    [
        "camt.052.001.02", "camt.052.001.04", "camt.052.001.07", "camt.052.001.08", "camt.052.001.10", "camt.052.001.13",
        "camt.053.001.02", "camt.053.001.04", "camt.053.001.07", "camt.053.001.08", "camt.053.001.10", "camt.053.001.13",
        "camt.053.001.14",
        "head.001.001.02",
        "pacs.002.001.03", "pacs.002.001.10", "pacs.002.001.11", "pacs.002.001.12",
        "pacs.008.001.07", "pacs.008.001.08", "pacs.008.001.09", "pacs.008.001.10", "pacs.008.001.12",
    ];

    [Fact]
    public void The_built_in_schemas_are_those_of_the_supported_messages()
    {
        Assert.Equal(s_names, MessageSchemas.Names);
    }

    [Fact]
    public void Each_built_in_schema_compiles_and_is_found_by_its_namespace()
    {
        foreach (string name in s_names)
        {
            MessageSchema? schema = MessageSchemas.ByName(name);

            Assert.NotNull(schema);
            Assert.Equal(name, schema.Name);
            Assert.Equal(name.StartsWith("head", StringComparison.Ordinal) ? "AppHdr" : "Document", schema.Root.ToString());
            Assert.Same(schema, MessageSchemas.ByNamespace(Encoding.UTF8.GetBytes("urn:iso:std:iso:20022:tech:xsd:" + name)));
        }
    }

    [Fact]
    public void Unknown_namespaces_have_no_schema()
    {
        Assert.Null(MessageSchemas.ByName("pacs.009.001.08"));
        Assert.Null(MessageSchemas.ByNamespace(default));
        Assert.Null(MessageSchemas.ByNamespace("urn:iso:std:iso:20022:tech:xsd:"u8));
        Assert.Null(MessageSchemas.ByNamespace("urn:iso:std:iso:20022:tech:xsd:pacs.008.001.0"u8));
    }
}
