using Estream.Carbon;
using Estream.Esf;
using Estream.Health;
using Estream.Industrial;
using Estream.Iot;
using Estream.Payments;
using Estream.Scenarios.Codecs.Carbon;
using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Codecs.Iot;
using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Codecs.Serializers;
using Estream.Scenarios.Codecs.Trading;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;
using Estream.Trading;

namespace Estream.Scenarios.Codecs;

/// <summary>Every schema of every pack, with the codecs of its messages.</summary>
internal static class CodecCases
{
    public static IReadOnlyList<CodecCase> All { get; } =
    [
        Case<IoTTelemetryByHand, IoTTelemetryEsf>("IoTTelemetry", () => IoTTelemetry.Schema,
            new CodecWorkload(Readings.Count, Readings.SlotBytes, 7_800)) with
        {
            Others = [Codec.Of<JsonReadingCodec>("system-text-json")],
            Serializers = SerializerCodecs.IoTTelemetry,
        },
        Case<IoTCommandByHand, IoTCommandEsf>("IoTCommand", () => IoTCommand.Schema, new CodecWorkload(8, 6144, 1_096)),
        Case<IoTAlertByHand, IoTAlertEsf>("IoTAlert", () => IoTAlert.Schema, new CodecWorkload(64, 320, 6_296)),
        Case<EStreamOrderByHand, EStreamOrderEsf>("EStreamOrder", () => EStreamOrder.Schema, new CodecWorkload(64, 320, 6_096)) with
        {
            Serializers = SerializerCodecs.EStreamOrder,
        },
        Case<EStreamFillByHand, EStreamFillEsf>("EStreamFill", () => EStreamFill.Schema, new CodecWorkload(64, 320, 7_200)),
        Case<EStreamQuoteByHand, EStreamQuoteEsf>("EStreamQuote", () => EStreamQuote.Schema, new CodecWorkload(64, 192, 8_696)),
        Case<EStreamMarketDataByHand, EStreamMarketDataEsf>("EStreamMarketData", () => EStreamMarketData.Schema,
            new CodecWorkload(64, 192, 11_000)),
        Case<CarbonCreditByHand, CarbonCreditEsf>("CarbonCredit", () => CarbonCredit.Schema, new CodecWorkload(64, 320, 4_800)),
        Case<CarbonAttestationByHand, CarbonAttestationEsf>("CarbonAttestation", () => CarbonAttestation.Schema,
            new CodecWorkload(8, 6144, 1_200)),
        Case<CarbonMintByHand, CarbonMintEsf>("CarbonMint", () => CarbonMint.Schema, new CodecWorkload(32, 576, 3_496)),
        Case<FhirPatientByHand, FhirPatientEsf>("FhirPatient", () => FhirPatient.Schema, new CodecWorkload(8, 2112, 424)) with
        {
            Serializers = SerializerCodecs.FhirPatient,
        },
        Case<FhirObservationByHand, FhirObservationEsf>("FhirObservation", () => FhirObservation.Schema,
            new CodecWorkload(8, 4160, 296)) with
        {
            Serializers = SerializerCodecs.FhirObservation,
        },
        Case<FhirEncounterByHand, FhirEncounterEsf>("FhirEncounter", () => FhirEncounter.Schema, new CodecWorkload(8, 2112, 456)) with
        {
            Serializers = SerializerCodecs.FhirEncounter,
        },
        Case<FhirConsentByHand, FhirConsentEsf>("FhirConsent", () => FhirConsent.Schema, new CodecWorkload(8, 2112, 424)) with
        {
            Serializers = SerializerCodecs.FhirConsent,
        },
        Case<FhirServiceRequestByHand, FhirServiceRequestEsf>("FhirServiceRequest", () => FhirServiceRequest.Schema,
            new CodecWorkload(8, 2112, 424)) with
        {
            Serializers = SerializerCodecs.FhirServiceRequest,
        },
        Case<FhirAppointmentByHand, FhirAppointmentEsf>("FhirAppointment", () => FhirAppointment.Schema,
            new CodecWorkload(8, 2112, 424)) with
        {
            Serializers = SerializerCodecs.FhirAppointment,
        },
        Case<FhirDocumentReferenceByHand, FhirDocumentReferenceEsf>("FhirDocumentReference", () => FhirDocumentReference.Schema,
            new CodecWorkload(8, 2112, 424)) with
        {
            Serializers = SerializerCodecs.FhirDocumentReference,
        },
        Case<Pacs008CreditTransferByHand, Pacs008CreditTransferEsf>("Pacs008CreditTransfer", () => Pacs008CreditTransfer.Schema,
            new CodecWorkload(8, 4160, 296)) with
        {
            Serializers = SerializerCodecs.Pacs008CreditTransfer,
        },
        Case<Pacs002StatusReportByHand, Pacs002StatusReportEsf>("Pacs002StatusReport", () => Pacs002StatusReport.Schema,
            new CodecWorkload(8, 2112, 496)) with
        {
            Serializers = SerializerCodecs.Pacs002StatusReport,
        },
        Case<Camt053StatementByHand, Camt053StatementEsf>("Camt053Statement", () => Camt053Statement.Schema,
            new CodecWorkload(4, 4160, 144)) with
        {
            Serializers = SerializerCodecs.Camt053Statement,
        },
        Case<Camt052ReportByHand, Camt052ReportEsf>("Camt052Report", () => Camt052Report.Schema, new CodecWorkload(8, 4160, 288)) with
        {
            Serializers = SerializerCodecs.Camt052Report,
        },
        Case<ModbusReadResponseByHand, ModbusReadResponseEsf>("ModbusReadResponse", () => ModbusReadResponse.Schema,
            new CodecWorkload(64, 192, 3_496)) with
        {
            Serializers = SerializerCodecs.ModbusReadResponse,
        },
        Case<ModbusWriteResponseByHand, ModbusWriteResponseEsf>("ModbusWriteResponse", () => ModbusWriteResponse.Schema,
            new CodecWorkload(64, 192, 4_000)),
        Case<ModbusEventByHand, ModbusEventEsf>("ModbusEvent", () => ModbusEvent.Schema, new CodecWorkload(64, 192, 6_200)),
        Case<OpcUaValueByHand, OpcUaValueEsf>("OpcUaValue", () => OpcUaValue.Schema, new CodecWorkload(32, 576, 2_696)),
    ];

    private static CodecCase Case<THand, TEsf>(string schema, Func<EsfSchema> description, CodecWorkload workload)
        where THand : struct, ICodec
        where TEsf : struct, ICodec =>
        new(schema, description, workload, Codec.Of<THand>(CodecCase.ByHand), Codec.Of<TEsf>(CodecCase.Estream));
}

/// <summary>The rows of serializers from NuGet: for a flat message, for a message with byte strings, for a message with lists, and for
/// messages with nested objects.</summary>
internal static class SerializerCodecs
{
    public static IReadOnlyList<Codec> IoTTelemetry { get; } = Rows<TelemetryMessage, IoTTelemetryFlatBuffers>();

    public static IReadOnlyList<Codec> EStreamOrder { get; } = Rows<OrderMessage, EStreamOrderFlatBuffers>();

    public static IReadOnlyList<Codec> FhirPatient { get; } = Rows<FhirPatientMessage, FhirPatientFlatBuffers>();

    public static IReadOnlyList<Codec> FhirObservation { get; } = Rows<FhirObservationMessage, FhirObservationFlatBuffers>();

    public static IReadOnlyList<Codec> FhirEncounter { get; } = Rows<FhirEncounterMessage, FhirEncounterFlatBuffers>();

    public static IReadOnlyList<Codec> FhirConsent { get; } = Rows<FhirConsentMessage, FhirConsentFlatBuffers>();

    public static IReadOnlyList<Codec> FhirServiceRequest { get; } = Rows<FhirServiceRequestMessage, FhirServiceRequestFlatBuffers>();

    public static IReadOnlyList<Codec> FhirAppointment { get; } = Rows<FhirAppointmentMessage, FhirAppointmentFlatBuffers>();

    public static IReadOnlyList<Codec> FhirDocumentReference { get; } =
        Rows<FhirDocumentReferenceMessage, FhirDocumentReferenceFlatBuffers>();

    public static IReadOnlyList<Codec> Pacs008CreditTransfer { get; } =
        Rows<Pacs008CreditTransferMessage, Pacs008CreditTransferFlatBuffers>();

    public static IReadOnlyList<Codec> Pacs002StatusReport { get; } = Rows<Pacs002StatusReportMessage, Pacs002StatusReportFlatBuffers>();

    public static IReadOnlyList<Codec> Camt053Statement { get; } = Rows<Camt053StatementMessage, Camt053StatementFlatBuffers>();

    public static IReadOnlyList<Codec> Camt052Report { get; } = Rows<Camt052ReportMessage, Camt052ReportFlatBuffers>();

    public static IReadOnlyList<Codec> ModbusReadResponse { get; } = Rows<ModbusReadMessage, ModbusReadResponseFlatBuffers>();

    private static Codec[] Rows<TMessage, TFlatBuffers>()
        where TMessage : class, IPeerMessage<TMessage>
        where TFlatBuffers : struct, ICodec =>
        [
            Row<MemoryPackCodec<TMessage>>("memorypack"),
            Row<MessagePackCodec<TMessage>>("messagepack"),
            Row<TFlatBuffers>("google-flatbuffers"),
            Row<ProtobufNetCodec<TMessage>>("protobuf-net"),
        ];

    private static Codec Row<T>(string implementation)
        where T : struct, ICodec => Codec.Of<T>(implementation) with { Portion = CodecWorkload.LargestPortion };
}
