using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Streams.Tests;

namespace Estream.Streams.Tests.Patterns;

/// <summary>A schema with a declared pattern can be used only as that pattern; a schema without a declared pattern can be used as any
/// pattern.</summary>
public sealed class DeclaredPatternTests : StreamCase
{
    [Fact]
    public void Generated_types_expose_the_declared_pattern()
    {
        Assert.Equal(StreamPattern.State, DeclaredState.Schema.Pattern);
        Assert.Equal(StreamPattern.Signal, DeclaredSignal.Schema.Pattern);
        Assert.Null(IoTTelemetry.Schema.Pattern);
        Assert.Equal(DeclaredState.SchemaId, DeclaredState.Schema.Id);
    }

    [Fact]
    public void Using_another_pattern_than_declared_throws()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        _ = new EsfSignalWriter<DeclaredSignal.Writer>(map, 100);
        _ = new EsfSignalReader<DeclaredSignal.View>(map, 100);
        string error = Assert.Throws<InvalidOperationException>(() => new EsfSignalWriter<DeclaredState.Writer>(map, 100)).Message;
        Assert.Contains("declares the pattern State, but Signal is needed", error, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new EsfSignalReader<DeclaredState.View>(map, 100));
        Assert.Throws<InvalidOperationException>(() =>
            new EsfState<DeclaredSignal.View>(Queue, (scoped in DeclaredSignal.View view) => view.Bytes));
        using QueueTailer tailer = Queue.CreateTailer();
        Assert.Throws<InvalidOperationException>(() => new EsfModeratedTailer<DeclaredState.View>(tailer));
        using EstreamQueue curated = Open("curated");
        Assert.Throws<InvalidOperationException>(() => new EsfApprover<DeclaredState.View>(Queue, curated, "a"));
        Assert.Throws<InvalidOperationException>(() => new EsfTransactionalTailer<DeclaredState.View>(tailer, Queue));
    }

    /// <summary>Programs may append and read events, states, proposals and log entries directly. Direct access to patterns with their own
    /// protocol would make messages visible too early, or never.</summary>
    [Fact]
    public void Direct_queue_access_throws_unless_the_pattern_allows_it()
    {
        AssertTaken<IoTTelemetry.Writer, IoTTelemetry.View>();
        AssertTaken<DeclaredEvent.Writer, DeclaredEvent.View>();
        AssertTaken<DeclaredState.Writer, DeclaredState.View>();
        AssertTaken<DeclaredCurated.Writer, DeclaredCurated.View>();
        AssertTaken<DeclaredLog.Writer, DeclaredLog.View>();
        AssertRefused<DeclaredSignal.Writer, DeclaredSignal.View>("Signal");
        AssertRefused<DeclaredMedia.Writer, DeclaredMedia.View>("Media");
        AssertRefused<DeclaredTransaction.Writer, DeclaredTransaction.View>("Transaction");
        AssertRefused<DeclaredSession.Writer, DeclaredSession.View>("MpcSession");
        using var transactions = new EsfTransactions(Open("transactions-log"));
        using EsfTransaction transaction = transactions.Begin();
        _ = transaction.Begin<DeclaredTransaction.Writer>(100);
    }

    [Theory]
    [InlineData("state", 0)]
    [InlineData("log", 0)]
    [InlineData("signal", 2)]
    [InlineData("transaction", 2)]
    public void Pipeline_file_rejects_schemas_whose_messages_are_not_in_queues(string pattern, int mistakes)
    {
        EsfSchemaSet schemas = EsfSchemaSet.Parse(
            new EsfSchemaFile("d.esf.yaml",
                $"version: \"1.0\"\nnamespace: d\nschemas:\n  Said:\n    pattern: {pattern}\n    fields: {{ key: {{ type: u64 }} }}\n"));
        PipelineReadResult read = PipelineReader.Read(
            "version: \"1.0\"\npipelines:\n  p: { from: { queue: a, schema: Said }, stages: [{ transform: { schema: Said, set: { key: key "
            + "} } }], to: { queue: b } }\n", "p", schemas, _ => EsfSchemaSet.Empty);
        Assert.Equal(mistakes, read.Diagnostics.Count);
        Assert.All(read.Diagnostics, mistake => Assert.Equal(PipelineCodes.Schema, mistake.Code));
        Assert.All(read.Diagnostics,
            mistake => Assert.Contains("cannot be in a queue directly", mistake.Message, StringComparison.Ordinal));
    }

    private void AssertTaken<TWriter, TView>()
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        foreach (Action use in Uses<TWriter, TView>())
        {
            use();
        }
    }

    private void AssertRefused<TWriter, TView>(string pattern)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        foreach (Action use in Uses<TWriter, TView>())
        {
            Assert.Contains($"declares the pattern {pattern}, whose messages cannot be in a queue directly",
                Assert.Throws<InvalidOperationException>(use).Message, StringComparison.Ordinal);
        }
    }

    private IEnumerable<Action> Uses<TWriter, TView>()
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        string name = TWriter.Schema.Name;
        yield return () =>
        {
            using QueueAppender appender = Queue.CreateAppender();
            _ = new EsfAppender<TWriter>(appender);
        };
        yield return () =>
        {
            using QueueTailer tailer = Queue.CreateTailer();
            _ = new EsfTailer<TView>(tailer);
        };
        yield return () => _ = EsfStream.From<TView>(Queue);
        yield return () =>
        {
            using EstreamQueue output = Open("out-" + name);
            using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(Queue)
                .AppendTo<TWriter>("to-" + name, output, 200, (scoped in IoTTelemetry.View _, ref TWriter _) => { });
        };
    }
}
