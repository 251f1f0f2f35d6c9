namespace Estream.Analyzers.Tests;

/// <summary>Each rule reports what is certainly wrong, and nothing that is right.</summary>
public sealed class LifetimeAnalyzerTests
{
    private const string Read = "tailer.TryRead(out QueueMessage message); ";

    [Theory]
    [InlineData(Read + "tailer.Dispose(); Use(message.Payload);", "EST001 message")]
    [InlineData(Read + "ReadOnlySpan<byte> part = message.Payload[1..]; tailer.Dispose(); Use(part);", "EST001 part")]
    [InlineData("QueueTailer own = queue.CreateTailer(); own.TryRead(out QueueMessage m); queue.Dispose(); Use(m.Payload);", "EST001 m")]
    [InlineData(Read + "IoTTelemetry.View view = IoTTelemetry.View.Of(message.Payload); tailer.Dispose(); _ = view.Value;", "EST001 view")]
    [InlineData("var typed = new EsfTailer<IoTTelemetry.View>(tailer); typed.TryRead(out var m); tailer.Dispose(); _ = m.View;",
        "EST001 m")]
    [InlineData(Read + "tailer.Dispose(); if (ok) { Use(message.Payload); }", "EST001 message")]
    [InlineData("QueueMessage last = default; using (QueueTailer own = queue.CreateTailer()) { own.TryRead(out last); } Use(last.Payload);",
        "EST001 last")]
    [InlineData("AppendClaim claim = appender.Claim(9); appender.Dispose(); claim.Commit();", "EST001 claim")]
    public Task EST001_reports_memory_that_is_used_after_its_owner_was_disposed(string code, string expected) => Expect(code, expected);

    [Theory]
    [InlineData(Read + "Use(message.Payload); tailer.Dispose();")]
    [InlineData(Read + "byte[] copy = message.Payload.ToArray(); tailer.Dispose(); Use(copy);")]
    [InlineData(Read + "ReadOnlySpan<byte> copy = message.Payload.ToArray(); tailer.Dispose(); Use(copy);")]
    [InlineData(Read + "Span<byte> other = stackalloc byte[message.Payload.Length]; tailer.Dispose(); Use(other);")]
    [InlineData(Read + "if (ok) { tailer.Dispose(); return; } Use(message.Payload);")]
    [InlineData(Read + "QueueTailer other = queue.CreateTailer(); tailer.Dispose(); other.TryRead(out message); Use(message.Payload);")]
    [InlineData(Read + "using QueueTailer other = queue.CreateTailer(); other.Dispose(); Use(message.Payload);")]
    [InlineData(Read + "tailer.Dispose(); Console.WriteLine(message.Position + message.Sequence);")]
    [InlineData("AppendClaim claim = appender.Claim(9); claim.Commit(); claim.Dispose(); appender.Dispose();")]
    public Task EST001_does_not_report_copies_earlier_uses_and_other_owners(string code) => Expect(code);

    [Theory]
    [InlineData("appender.Claim(10);", "EST002 appender.Claim(10)")]
    [InlineData("AppendClaim claim = appender.Claim(10); claim.Span[0] = 1;", "EST002 appender.Claim(10)")]
    [InlineData("BatchClaim batch = appender.ClaimBatch(10, 1); batch.Append(default);", "EST002 appender.ClaimBatch(10, 1)")]
    [InlineData("var claim = new EsfAppender<IoTAlert.Writer>(appender).Claim(500); var writer = claim.Begin();",
        "EST002 new EsfAppender<IoTAlert.Writer>(appender).Claim(500)")]
    public Task EST002_reports_a_claim_that_nothing_ends(string code, string expected) => Expect(code, expected);

    [Theory]
    [InlineData("using AppendClaim claim = appender.Claim(10); claim.Span[0] = 1;")]
    [InlineData("using (AppendClaim claim = appender.Claim(10)) { claim.Commit(1); }")]
    [InlineData("AppendClaim claim = appender.Claim(10); if (ok) { claim.Commit(); } else { claim.Dispose(); }")]
    [InlineData("AppendClaim claim = appender.Claim(10); End(claim);")]
    [InlineData("End(appender.Claim(10));")]
    public Task EST002_does_not_report_claims_that_end_or_are_passed_on(string code) => Expect(code);

    [Theory]
    [InlineData("using AppendClaim claim = appender.Claim(10); claim.Commit(1); claim.Span[0] = 1;", "EST003 claim")]
    [InlineData("using AppendClaim claim = appender.Claim(10); Span<byte> span = claim.Span; claim.Commit(1); span[0] = 1;", "EST003 span")]
    [InlineData("using AppendClaim claim = appender.Claim(10); claim.Commit(1); claim.Commit(2);", "EST003 claim")]
    [InlineData("AppendClaim claim = appender.Claim(10); claim.Dispose(); claim.Span.Clear();", "EST003 claim")]
    [InlineData("using BatchClaim batch = appender.ClaimBatch(10, 1); batch.Commit(); batch.Add(1);", "EST003 batch")]
    [InlineData("using var claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(500); IoTTelemetry.Writer writer = claim.Begin(); "
        + "claim.Commit(writer); writer.Value = 1;", "EST003 writer")]
    public Task EST003_reports_a_claim_that_is_used_after_its_end(string code, string expected) => Expect(code, expected);

    [Theory]
    [InlineData("using AppendClaim claim = appender.Claim(10); claim.Commit(1); Console.WriteLine(claim.Position);")]
    [InlineData("AppendClaim claim = appender.Claim(10); claim.Commit(1); claim = appender.Claim(10); claim.Span[0] = 1; claim.Commit();")]
    [InlineData("while (ok) { using AppendClaim claim = appender.Claim(10); claim.Span[0] = 1; claim.Commit(); }")]
    [InlineData("using AppendClaim claim = appender.Claim(10); if (ok) { claim.Commit(1); return; } claim.Span[0] = 1; claim.Commit();")]
    public Task EST003_does_not_report_the_position_or_another_claim(string code) => Expect(code);

    private static async Task Expect(string code, params string[] expected) => Assert.Equal(expected, await AnalyzerRig.RunAsync(code));
}
