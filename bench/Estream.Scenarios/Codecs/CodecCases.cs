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
        Case<IoTTelemetryByHand, IoTTelemetryEsf, TelemetryMessage, IoTTelemetryFlatBuffers>(
            "IoTTelemetry", () => IoTTelemetry.Schema, new CodecWorkload(Readings.Count, Readings.SlotBytes, 7_800)) with
        {
            Others = [Codec.Of<JsonReadingCodec>("system-text-json")],
        },
        Case<IoTCommandByHand, IoTCommandEsf, CommandMessage, IoTCommandFlatBuffers>(
            "IoTCommand", () => IoTCommand.Schema, new CodecWorkload(8, 6144, 1_096)),
        Case<IoTAlertByHand, IoTAlertEsf, AlertMessage, IoTAlertFlatBuffers>(
            "IoTAlert", () => IoTAlert.Schema, new CodecWorkload(64, 320, 6_296)),
        Case<EStreamOrderByHand, EStreamOrderEsf, OrderMessage, EStreamOrderFlatBuffers>(
            "EStreamOrder", () => EStreamOrder.Schema, new CodecWorkload(64, 320, 6_096)),
        Case<EStreamFillByHand, EStreamFillEsf, FillMessage, EStreamFillFlatBuffers>(
            "EStreamFill", () => EStreamFill.Schema, new CodecWorkload(64, 320, 7_200)),
        Case<EStreamQuoteByHand, EStreamQuoteEsf, QuoteMessage, EStreamQuoteFlatBuffers>(
            "EStreamQuote", () => EStreamQuote.Schema, new CodecWorkload(64, 192, 8_696)),
        Case<EStreamMarketDataByHand, EStreamMarketDataEsf, MarketDataMessage, EStreamMarketDataFlatBuffers>(
            "EStreamMarketData", () => EStreamMarketData.Schema, new CodecWorkload(64, 192, 11_000)),
        Case<CarbonCreditByHand, CarbonCreditEsf, CarbonCreditMessage, CarbonCreditFlatBuffers>(
            "CarbonCredit", () => CarbonCredit.Schema, new CodecWorkload(64, 320, 4_800)),
        Case<CarbonAttestationByHand, CarbonAttestationEsf, CarbonAttestationMessage, CarbonAttestationFlatBuffers>(
            "CarbonAttestation", () => CarbonAttestation.Schema, new CodecWorkload(8, 6144, 1_200)),
        Case<CarbonMintByHand, CarbonMintEsf, CarbonMintMessage, CarbonMintFlatBuffers>(
            "CarbonMint", () => CarbonMint.Schema, new CodecWorkload(32, 576, 3_496)),
        Case<FhirPatientByHand, FhirPatientEsf, FhirPatientMessage, FhirPatientFlatBuffers>(
            "FhirPatient", () => FhirPatient.Schema, new CodecWorkload(8, 2112, 424)),
        Case<FhirObservationByHand, FhirObservationEsf, FhirObservationMessage, FhirObservationFlatBuffers>(
            "FhirObservation", () => FhirObservation.Schema, new CodecWorkload(8, 4160, 296)),
        Case<FhirEncounterByHand, FhirEncounterEsf, FhirEncounterMessage, FhirEncounterFlatBuffers>(
            "FhirEncounter", () => FhirEncounter.Schema, new CodecWorkload(8, 2112, 456)),
        Case<FhirConsentByHand, FhirConsentEsf, FhirConsentMessage, FhirConsentFlatBuffers>(
            "FhirConsent", () => FhirConsent.Schema, new CodecWorkload(8, 2112, 424)),
        Case<FhirServiceRequestByHand, FhirServiceRequestEsf, FhirServiceRequestMessage, FhirServiceRequestFlatBuffers>(
            "FhirServiceRequest", () => FhirServiceRequest.Schema, new CodecWorkload(8, 2112, 424)),
        Case<FhirAppointmentByHand, FhirAppointmentEsf, FhirAppointmentMessage, FhirAppointmentFlatBuffers>(
            "FhirAppointment", () => FhirAppointment.Schema, new CodecWorkload(8, 2112, 424)),
        Case<FhirDocumentReferenceByHand, FhirDocumentReferenceEsf, FhirDocumentReferenceMessage, FhirDocumentReferenceFlatBuffers>(
            "FhirDocumentReference", () => FhirDocumentReference.Schema, new CodecWorkload(8, 2112, 424)),
        Case<Pacs008CreditTransferByHand, Pacs008CreditTransferEsf, Pacs008CreditTransferMessage, Pacs008CreditTransferFlatBuffers>(
            "Pacs008CreditTransfer", () => Pacs008CreditTransfer.Schema, new CodecWorkload(8, 4160, 296)),
        Case<Pacs002StatusReportByHand, Pacs002StatusReportEsf, Pacs002StatusReportMessage, Pacs002StatusReportFlatBuffers>(
            "Pacs002StatusReport", () => Pacs002StatusReport.Schema, new CodecWorkload(8, 2112, 496)),
        Case<Camt053StatementByHand, Camt053StatementEsf, Camt053StatementMessage, Camt053StatementFlatBuffers>(
            "Camt053Statement", () => Camt053Statement.Schema, new CodecWorkload(4, 4160, 144)),
        Case<Camt052ReportByHand, Camt052ReportEsf, Camt052ReportMessage, Camt052ReportFlatBuffers>(
            "Camt052Report", () => Camt052Report.Schema, new CodecWorkload(8, 4160, 288)),
        Case<ModbusReadResponseByHand, ModbusReadResponseEsf, ModbusReadMessage, ModbusReadResponseFlatBuffers>(
            "ModbusReadResponse", () => ModbusReadResponse.Schema, new CodecWorkload(64, 192, 3_496)),
        Case<ModbusWriteResponseByHand, ModbusWriteResponseEsf, ModbusWriteMessage, ModbusWriteResponseFlatBuffers>(
            "ModbusWriteResponse", () => ModbusWriteResponse.Schema, new CodecWorkload(64, 192, 4_000)),
        Case<ModbusEventByHand, ModbusEventEsf, ModbusEventMessage, ModbusEventFlatBuffers>(
            "ModbusEvent", () => ModbusEvent.Schema, new CodecWorkload(64, 192, 6_200)),
        Case<OpcUaValueByHand, OpcUaValueEsf, OpcUaValueMessage, OpcUaValueFlatBuffers>(
            "OpcUaValue", () => OpcUaValue.Schema, new CodecWorkload(32, 576, 2_696)),
    ];

    private static CodecCase Case<THand, TEsf, TMessage, TFlatBuffers>(string schema, Func<EsfSchema> description, CodecWorkload workload)
        where THand : struct, ICodec
        where TEsf : struct, ICodec
        where TMessage : class, IPeerMessage<TMessage>
        where TFlatBuffers : struct, ICodec =>
        new(schema, description, workload, Codec.Of<THand>(CodecCase.ByHand), Codec.Of<TEsf>(CodecCase.Estream))
        {
            Serializers =
            [
                Serializer<MemoryPackCodec<TMessage>>("memorypack"),
                Serializer<MessagePackCodec<TMessage>>("messagepack"),
                Serializer<TFlatBuffers>("google-flatbuffers"),
                Serializer<ProtobufNetCodec<TMessage>>("protobuf-net"),
            ],
        };

    private static Codec Serializer<T>(string implementation)
        where T : struct, ICodec => Codec.Of<T>(implementation) with { Portion = CodecWorkload.LargestPortion };
}
