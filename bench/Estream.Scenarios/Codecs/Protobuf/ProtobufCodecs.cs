namespace Estream.Scenarios.Codecs;

/// <summary>The codecs of Google.Protobuf, compiled if protoc is on PATH; otherwise the class in WithoutProtoc is compiled
/// instead.</summary>
internal static class ProtobufCodecs
{
    private static readonly Dictionary<string, Codec> s_codecs = new()
    {
        ["IoTTelemetry"] = Of<Protobuf.IoTTelemetryProtobuf>(),
        ["IoTCommand"] = Of<Protobuf.IoTCommandProtobuf>(),
        ["IoTAlert"] = Of<Protobuf.IoTAlertProtobuf>(),
        ["EStreamOrder"] = Of<Protobuf.EStreamOrderProtobuf>(),
        ["EStreamFill"] = Of<Protobuf.EStreamFillProtobuf>(),
        ["EStreamQuote"] = Of<Protobuf.EStreamQuoteProtobuf>(),
        ["EStreamMarketData"] = Of<Protobuf.EStreamMarketDataProtobuf>(),
        ["CarbonCredit"] = Of<Protobuf.CarbonCreditProtobuf>(),
        ["CarbonAttestation"] = Of<Protobuf.CarbonAttestationProtobuf>(),
        ["CarbonMint"] = Of<Protobuf.CarbonMintProtobuf>(),
        ["FhirPatient"] = Of<Protobuf.FhirPatientProtobuf>(),
        ["FhirObservation"] = Of<Protobuf.FhirObservationProtobuf>(),
        ["FhirEncounter"] = Of<Protobuf.FhirEncounterProtobuf>(),
        ["FhirConsent"] = Of<Protobuf.FhirConsentProtobuf>(),
        ["FhirServiceRequest"] = Of<Protobuf.FhirServiceRequestProtobuf>(),
        ["FhirAppointment"] = Of<Protobuf.FhirAppointmentProtobuf>(),
        ["FhirDocumentReference"] = Of<Protobuf.FhirDocumentReferenceProtobuf>(),
        ["Pacs008CreditTransfer"] = Of<Protobuf.Pacs008CreditTransferProtobuf>(),
        ["Pacs002StatusReport"] = Of<Protobuf.Pacs002StatusReportProtobuf>(),
        ["Camt053Statement"] = Of<Protobuf.Camt053StatementProtobuf>(),
        ["Camt052Report"] = Of<Protobuf.Camt052ReportProtobuf>(),
        ["ModbusReadResponse"] = Of<Protobuf.ModbusReadResponseProtobuf>(),
        ["ModbusWriteResponse"] = Of<Protobuf.ModbusWriteResponseProtobuf>(),
        ["ModbusEvent"] = Of<Protobuf.ModbusEventProtobuf>(),
        ["OpcUaValue"] = Of<Protobuf.OpcUaValueProtobuf>(),
    };

    public static bool AreBuilt => true;

    /// <summary>Returns the codec of a schema.</summary>
    public static Codec Of(string schema) => s_codecs[schema];

    private static Codec Of<T>()
        where T : struct, ICodec => Codec.Of<T>(CodecCase.Protobuf) with { Portion = CodecWorkload.LargestPortion };
}
