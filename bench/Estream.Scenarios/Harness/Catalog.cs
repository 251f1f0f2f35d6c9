using Estream.Scenarios.Scenarios;

namespace Estream.Scenarios.Harness;

/// <summary>Every scenario, in the order of a run without names.</summary>
internal static class Catalog
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new AppendScenario(),
        new AppendChecksumScenario(),
        new AppendSharedScenario(),
        new AppendFreshScenario(),
        new AppendDurableScenario(),
        new ReadScenario(),
        new HandoffThroughputScenario(),
        new HandoffLatencyScenario(),
        new WriterDeathScenario(),
        new ReplicateScenario(),
        new ReplicateLatencyScenario(),
        new ReplicateCatchUpScenario(),
        new ReplicateTakeoverScenario(),
        new MapSyncLagScenario(),
        new CoarseClockScenario(),
        new MapGetScenario(),
        new MapGetBatchScenario(),
        new MapGetDependentScenario(),
        new MapPutScenario(),
        new MapPutBatchScenario(),
        new MapCompareExchangeScenario(),
        new MapCompareExchangeBatchScenario(),
        new MapGrowScenario(),
        new ByteMapGetScenario(),
        new ByteMapPutScenario(),
        new ByteMapPutBatchScenario(),
        new EsfEncodeScenario(),
        new EsfDecodeScenario(),
        new OperatorsScenario(),
        new MeteringScenario(),
        OperationScenario.Append(),
        OperationScenario.WitnessedPut(),
        OperationScenario.CompareExchange(),
        new SightScenario(),
        new SignScenario(),
        new AppendSignedScenario(),
        new Sha3Scenario(),
        new WitnessScenario(),
        new FpgaHostScenario(),
        new PacketsScenario(),
        new MulticastScenario(),
        new ArbitrateScenario(),
        new SocketReceiveScenario(),
        new FixParseScenario(),
        new FixRoundtripScenario(),
        new FixRoundtripDurableScenario(),
        new Iso20022ParseScenario(),
        new Iso20022ClientScenario(),
        new Hl7ParseScenario(),
        new FhirParseScenario(),
        new ModbusPollScenario(),
        new ModbusServeScenario(),
        new OpcUaReadScenario(),
        new ResolveScenario(),
        new MarketplaceInstallScenario(),
        new MarketplaceVerifyScenario(),
        new MqttIngestScenario(),
        new MqttIngestDurableScenario(),
        new MqttIdleScenario(),
        new MqttClientScenario(),
        new RemoteAppendScenario(),
        new RemoteMapGetScenario(),
        new HostAtRestScenario(),
        new SocketToMapScenario(),
        new ModbusScheduleScenario(),
        new WidgetsScenario(),
    ];

    public static IScenario Find(string name)
    {
        return All.FirstOrDefault(s => s.Name == name)
            ?? throw new ScenarioException($"there is no scenario '{name}'; scenarios: {string.Join(", ", All.Select(s => s.Name))}");
    }
}
