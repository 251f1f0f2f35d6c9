using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads <c>lex</c>, the address of a circuit or of one of its streams.</summary>
internal static class AddressDeclaration
{
    public const string Key = "lex";

    private const string Example = "lex: lex://acme/boilers/hot";

    /// <returns>Null if there is no address, or after reporting an error.</returns>
    public static LexAddress? Read(MapNode map, string where, PipelineScope scope)
    {
        if (map.Find(Key) is null || scope.Scalar(map, where, Key, Example) is not ScalarNode text)
        {
            return null;
        }

        if (LexAddress.TryParse(text.Value, out LexAddress? address, out string? reason))
        {
            return address;
        }

        scope.Sink.Report(CircuitCodes.Address, text, CircuitMessages.BadAddress(text.Value, reason));
        return null;
    }
}
