using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>A queue replicated to three RabbitMQ brokers on this machine, beside the client library of the brokers alone.</summary>
internal sealed class ReplicateScenario : IScenario
{
    private static readonly Goal s_ratio = Goal.AtLeastTimes(0.9);

    public string Name => "replicate";

    public string Summary => "append to a queue until a majority of three RabbitMQ brokers has every message";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Of("100B", 100, s_ratio, Goal.AtLeast(600_000)),
        Of("1KiB", 1_024, s_ratio),
    ];

    private static ScenarioCase Of(string name, int payloadBytes, params Goal[] goals) => new(
        name,
        Reference: "rabbitmq",
        Replication.Row("rabbitmq", payloadBytes, (context, work) => new RabbitPublishContender(context, work)),
        Replication.Row("estream", payloadBytes, (context, work) => new ReplicateContender(context, work)) with
        {
            Target = new Target(goals, []),
        },
        Replication.Row("rabbitmq-message", payloadBytes, (context, work) => new RabbitMessageContender(context, work)) with
        {
            Portion = RabbitMessageContender.Portion,
            IsPeer = true,
        });
}

/// <summary>The time until a majority of the brokers has one message.</summary>
internal sealed class ReplicateLatencyScenario : IScenario
{
    public string Name => "replicate-latency";

    public string Summary => "append one 100-byte message and wait until a majority of three RabbitMQ brokers has it";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: "rabbitmq",
            Replication.Row("rabbitmq", 100, (context, work) =>
                new AwaitedContender<RabbitStreamClient>(new RabbitStreamClient(context, work.Brokers), work.Waits, PublishOne)),
            Replication.Row("estream", 100, (context, work) =>
                new AwaitedContender<ReplicatedQueue>(new ReplicatedQueue(context, work), work.Waits, queue => queue.AppendOne())))
        {
            ComparesP50 = true,
        },
    ];

    private static void PublishOne(RabbitStreamClient client) => client.PublishAsync(new byte[100]).GetAwaiter().GetResult();
}

/// <summary>The rate at which a new machine copies a queue.</summary>
internal sealed class ReplicateCatchUpScenario : IScenario
{
    public string Name => "replicate-catch-up";

    public string Summary => "copy a replicated queue of 100-byte messages into an empty directory";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: "rabbitmq",
            Replication.Row("rabbitmq", 100, (context, work) => new RabbitReadContender(context, work)),
            Replication.Row("estream", 100, (context, work) => new CatchUpContender(context, work))),
    ];
}

/// <summary>How long no host confirms messages after the active host was killed.</summary>
internal sealed class ReplicateTakeoverScenario : IScenario
{
    public string Name => "replicate-takeover";

    public string Summary => "time from killing the active of two hosts until the other host acknowledges a message that a majority has";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B", Reference: null, Replication.Row("estream", 100, (context, work) => new TakeoverContender(context, work.Brokers))),
    ];
}

/// <summary>How far a replica of a map is behind its owner.</summary>
internal sealed class MapSyncLagScenario : IScenario
{
    public string Name => "map-sync-lag";

    public string Summary => "put one 100-byte value into a replicated map and wait until a replica has it";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: null,
            Replication.Row("estream", 100, (context, work) =>
                new AwaitedContender<ReplicatedMap>(new ReplicatedMap(context, work), work.Waits, map => map.PutAndAwait()))),
    ];
}

/// <summary>Rows that need brokers.</summary>
internal static class Replication
{
    public static Contender Row(string implementation, int payloadBytes, Func<ContenderContext, ReplicateWorkload, IContender> create) =>
        Contender.Managed(implementation, context => create(context, new ReplicateWorkload(context.Size, payloadBytes))) with
        {
            IsBuilt = RabbitCluster.IsInstalled,
            IsWithoutFiles = true,
            Storage = Storage.Disk,
        };
}
