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
            Replication.Row("rabbitmq", 100, (context, work) => new RabbitLatencyContender(context, work)),
            Replication.Row("estream", 100, (context, work) => new ReplicateLatencyContender(context, work)))
        {
            ComparesP50 = true,
        },
    ];
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
