using Estream.Esf.Schema;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Tests;

namespace Estream.Streams.Tests.Patterns;

/// <summary>A schema that declares a pattern is used as that pattern and no other; one that declares none as any.</summary>
public sealed class DeclaredPatternTests : StreamCase
{
    [Fact]
    public void Generated_types_know_what_their_schema_declares()
    {
        Assert.Equal(StreamPattern.State, DeclaredState.Schema.Pattern);
        Assert.Equal(StreamPattern.Signal, DeclaredSignal.Schema.Pattern);
        Assert.Null(IoTTelemetry.Schema.Pattern);
        Assert.Equal(DeclaredState.SchemaId, DeclaredState.Schema.Id);
    }

    [Fact]
    public void Another_pattern_than_the_declared_one_is_refused()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        _ = new EsfSignalWriter<DeclaredSignal.Writer>(map, 100);
        _ = new EsfSignalReader<DeclaredSignal.View>(map, 100);
        string error = Assert.Throws<InvalidOperationException>(() => new EsfSignalWriter<DeclaredState.Writer>(map, 100)).Message;
        Assert.Contains("declares the pattern State, and this is for Signal", error, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new EsfSignalReader<DeclaredState.View>(map, 100));
        Assert.Throws<InvalidOperationException>(() => new EsfState<DeclaredSignal.View>(Queue, (scoped in DeclaredSignal.View view) => view.Bytes));
        using QueueTailer tailer = Queue.CreateTailer();
        Assert.Throws<InvalidOperationException>(() => new EsfCuratedTailer<DeclaredState.View>(tailer));
        using EstreamQueue curated = Open("curated");
        Assert.Throws<InvalidOperationException>(() => new EsfApprover<DeclaredState.View>(Queue, curated, "a"));
        Assert.Throws<InvalidOperationException>(() => new EsfTransactionalTailer<DeclaredState.View>(tailer, Queue));
    }
}
