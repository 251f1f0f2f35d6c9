using Estream.Esf;
using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks schemas, descriptor and health.</summary>
internal static class DescriptionChecks
{
    private const int Askers = 4;
    private const int Questions = 1_000;
    private const int MaxTables = 16;
    private const int MaxPages = 1_000;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("S1", "Schemas names the schemas of stored messages, before and after the start", ComplianceTraits.None, SchemasAreStored),
        new("S2", "name and descriptor match the settings and the factory", ComplianceTraits.None, DescriptorIsTrue),
        new("S3", "an adapter that is not bidirectional returns Unsupported from Emit; a bidirectional one consumes a schema",
            ComplianceTraits.None, DirectionIsTrue),
        new("S4", "the tables of an adapter can be read in each state, and their pages have every row once", ComplianceTraits.None,
            TablesAgree),
        new("H1", "health is unhealthy before the start, healthy with a peer, unhealthy at the end, each with a reason",
            ComplianceTraits.None, HealthFollows),
        new("H2", "health and statistics may be read from any thread", ComplianceTraits.None, AnybodyMayAsk),
    ];

    private static async Task SchemasAreStored(ComplianceRig rig)
    {
        AdapterSchemas before = rig.Create().Schemas;
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        AdapterSchemas after = rig.Adapter.Schemas;
        ulong[] produced = [.. after.Produced.Select(schema => schema.Id)];
        Require(produced.SequenceEqual(before.Produced.Select(schema => schema.Id)),
            "Schemas.Produced must be the same before and after the start; it differs.");
        byte[] stored = rig.Queues.Messages()[0];
        Require(rig.Subject.Schemas.TryGet(stored, out EsfSchema? own),
            "a stored message must have one of the subject's schemas; it has none.");
        Require(produced.Contains(own.Id),
            $"Schemas.Produced must name the schema of stored messages, {own.QualifiedName}; it names "
            + $"{string.Join(", ", after.Produced.Select(schema => schema.QualifiedName).DefaultIfEmpty("none"))}.");
        EsfStatus status = EsfValidator.CheckStored(own, stored);
        Require(status.IsOk, $"a stored message must conform to its schema: {status}");
    }

    private static Task DescriptorIsTrue(ComplianceRig rig)
    {
        IWireAdapter adapter = rig.Create();
        AdapterDescriptor descriptor = adapter.Descriptor;
        Require(adapter.Name == AdapterName, $"Name must be the name given by the host, '{AdapterName}'; it is '{adapter.Name}'.");
        Require(descriptor.Type == rig.Subject.Factory.Descriptor.Type,
            $"adapter and factory must have the same type; they have '{descriptor.Type}' and '{rig.Subject.Factory.Descriptor.Type}'.");
        Require(descriptor.Type.Length > 0 && !descriptor.Type.Any(char.IsWhiteSpace),
            $"a type must be one word; it is '{descriptor.Type}'.");
        Require(descriptor.Protocol.Length > 0 && descriptor.Description.Length > 0,
            "a descriptor must have a protocol and a description.");
        Require(descriptor.Transports.Count > 0, "a descriptor must name its transports; it names none.");
        return Task.CompletedTask;
    }

    private static async Task DirectionIsTrue(ComplianceRig rig)
    {
        IWireAdapter adapter = rig.Create();
        bool isBidirectional = adapter.Descriptor.IsBidirectional;
        EmitStatus status = await adapter.Emit(new EgressMessage(), rig.Cancellation).ConfigureAwait(false);
        Require(!status.IsOk, "Emit must not return Ok before the adapter is started; it returned Ok.");
        Require(
            isBidirectional || status.Code == EmitCode.Unsupported,
            $"Emit must return Unsupported if the descriptor is not bidirectional; it returned {status.Code}.");
        bool sends = (rig.Subject.Traits & ComplianceTraits.Sends) != 0;
        Require(
            !sends || (isBidirectional && adapter.Schemas.Consumed.Count > 0 && status.Code != EmitCode.Unsupported),
            "an adapter that sends must be bidirectional, must not return Unsupported, and must name schemas in Schemas.Consumed.");
    }

    private static async Task TablesAgree(ComplianceRig rig)
    {
        await ReadTablesAsync(rig, rig.Create()).ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.StartAsync().ConfigureAwait(false);
        await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "an adapter with its peer is healthy").ConfigureAwait(false);
        await ReadTablesAsync(rig, rig.Adapter).ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await ReadTablesAsync(rig, rig.Adapter).ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await ReadTablesAsync(rig, rig.Adapter).ConfigureAwait(false);
    }

    private static async Task ReadTablesAsync(ComplianceRig rig, IWireAdapter adapter)
    {
        IReadOnlyList<AdapterTable> tables = adapter is IAdapterTables own ? own.Tables : [];
        Require(tables.Count <= MaxTables && tables.DistinctBy(table => table.Name).Count() == tables.Count,
            $"Tables must have at most {MaxTables} tables with different names; it has "
            + $"{string.Join(", ", tables.Select(table => table.Name))}.");
        foreach (AdapterTable table in tables)
        {
            Require(table.Columns.Count > 0 && table.Columns.DistinctBy(column => column.Name).Count() == table.Columns.Count,
                $"the columns of table '{table.Name}' must have different names.");

            // Connections may open and close while the pages are read.
            await rig.UntilAsync(() => RowsOf(table) == table.Total,
                $"the pages of table '{table.Name}' have as many rows as Total says").ConfigureAwait(false);
        }
    }

    private static long RowsOf(AdapterTable table)
    {
        long rows = 0;
        string? after = null;
        for (int page = 0; page < MaxPages; page++)
        {
            AdapterTablePage read = table.Read(new AdapterTableRequest("", 1, after));
            rows += read.Rows.Count;
            after = read.Next;
            if (after is null)
            {
                return rows;
            }
        }

        throw new ComplianceException($"The pages of table '{table.Name}' must end; there are more than {MaxPages} with one row each.");
    }

    private static async Task HealthFollows(ComplianceRig rig)
    {
        HealthStatus created = rig.Create().Health;
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        Require(created.State != HealthState.Healthy, $"an adapter that is not started must not be healthy; it is {created}.");
        await rig.StartAsync().ConfigureAwait(false);
        await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "an adapter with its peer is healthy").ConfigureAwait(false);
        HealthStatus running = rig.Adapter.Health;
        await rig.StopAsync().ConfigureAwait(false);
        HealthStatus stopped = rig.Adapter.Health;
        Require(stopped.State != HealthState.Healthy, $"an adapter that has stopped must not be healthy; it is {stopped}.");
        foreach (HealthStatus health in new[] { created, running, stopped })
        {
            Require(!string.IsNullOrWhiteSpace(health.Detail), $"health must have a reason in each state; {health.State} has none.");
        }
    }

    private static async Task AnybodyMayAsk(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        IWireAdapter adapter = rig.Adapter;
        Task[] askers = [.. Enumerable.Range(0, Askers).Select(_ => Task.Run(() => AskMany(adapter), rig.Cancellation))];
        await rig.SendAsync(connection, Enumerable.Range(1, Questions)).ConfigureAwait(false);
        await Task.WhenAll(askers).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.Stored == Questions, $"{Questions} messages are stored").ConfigureAwait(false);
    }

    private static void AskMany(IWireAdapter adapter)
    {
        long received = 0;
        for (int question = 0; question < Questions; question++)
        {
            Require(adapter.Health.Detail.Length > 0, "health must always have a reason; it has none.");
            long now = adapter.Statistics.ReceivedTotal;
            Require(now >= received, $"ReceivedTotal must never decrease; it was {received} and is {now}.");
            received = now;
        }
    }
}
