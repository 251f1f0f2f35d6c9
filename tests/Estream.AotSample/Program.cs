// Appends typed messages to a queue and reads them. A test publishes this program with NativeAOT and runs it.
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Iot;
using Estream.Queue;

using EstreamQueue queue = EstreamQueue.Open(args[0]);
using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
{
    for (int i = 0; i < 3; i++)
    {
        using AppendClaim claim = appender.Claim(256);
        IoTTelemetry.Writer message = IoTTelemetry.Write(claim.Span);
        message.DeviceId = "pump-7"u8;
        message.MetricName = "temperature"u8;
        message.Value = 20 + i;
        claim.Commit(message.Length);
    }
}

// The schemas in the library are YAML resources, and the expression is compiled for one of them.
EsfSchema schema = EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? known) ? known : throw new InvalidOperationException();
EsfExpression warm = EsfExpression.Compile("value > 20", schema);
double sum = 0;
int matches = 0;
using QueueTailer tailer = queue.CreateTailer("sum");
while (tailer.TryRead(out QueueMessage message))
{
    sum += IoTTelemetry.View.Of(message.Payload).Value;
    matches += warm.IsTrue(message.Payload) ? 1 : 0;
}

Console.WriteLine($"sum {sum}, {matches} above 20");
