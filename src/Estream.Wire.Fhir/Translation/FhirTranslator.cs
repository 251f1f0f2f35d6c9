using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Translation;

/// <summary>Translates resources of one type into messages of their schema. Thread-safe.</summary>
internal sealed class FhirTranslator(ResourceMap map, FhirPseudonyms? pseudonyms) : IPayloadTranslator
{
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        FhirStatus status = FhirEncoder.Encode(map, message.Payload, pseudonyms, destination, out length);
        return status.IsOk ? TranslateStatus.Ok
            : status.Error == FhirError.DestinationTooSmall ? TranslateStatus.DestinationTooSmall
            : TranslateStatus.Unfit(status.Describe(map));
    }
}

/// <summary>Stores messages that the server has encoded: of the schemas FhirCommit and FhirAccess. Thread-safe.</summary>
internal sealed class CommitTranslator : IPayloadTranslator
{
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = message.Payload.TryCopyTo(destination) ? message.Payload.Length : 0;
        return length > 0 ? TranslateStatus.Ok : TranslateStatus.DestinationTooSmall;
    }

    public int? EstimateLength(in WireMessage message) => message.Payload.Length;
}
