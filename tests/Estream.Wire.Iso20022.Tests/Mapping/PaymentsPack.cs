using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>The pack esf-payments, from the files in the repository.</summary>
internal static class PaymentsPack
{
    private static readonly string s_folder = RepositoryRoot.Combine("schemas", "esf-payments");

    public static EsfSchemaSet Schemas { get; } = EsfSchemaSet.Load(Path.Combine(s_folder, "schemas", "iso20022.esf.yaml"));

    public static EsfSchema Schema(string name)
    {
        Assert.True(Schemas.TryGet(name, out EsfSchema? schema));
        return schema;
    }

    /// <summary>Returns an ESF message as JSON, with its private values.</summary>
    public static string Print(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArrayBufferWriter<byte> text = new();
        EsfStatus status = EsfJson.WriteJson(schema, message, text, EsfDisclosure.Disclosed);
        Assert.True(status.IsOk, status.ToString());
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Returns the example of a schema in the form of <see cref="Print"/>.</summary>
    public static string Example(string name)
    {
        EsfSchema schema = Schema(name);
        byte[] message = new byte[64 * 1024];
        EsfStatus status =
            EsfJson.TryEncode(schema, File.ReadAllBytes(Path.Combine(s_folder, "examples", $"{name}.json")), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return Print(schema, message.AsSpan(0, length));
    }
}
