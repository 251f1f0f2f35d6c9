using System.Diagnostics;
using System.Text;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Estream.Scenarios.Peers;

/// <summary>
/// The <c>mqttnet</c> row of `mqtt-client`: the client of MQTTnet publishes in order, with as many messages in flight as the product's
/// client. A round ends with the last acknowledgement.
/// </summary>
internal sealed class MqttNetContender : IContender
{
    private readonly int _messages;
    private readonly ChildProcess _broker;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Task<MqttClientPublishResult>[] _answers = new Task<MqttClientPublishResult>[MqttClientContender.Window];
    private readonly MqttApplicationMessage[] _outgoing = [.. Enumerable.Range(0, MqttWorkload.Devices).Select(Message)];

    public MqttNetContender(ContenderContext context)
    {
        _messages = MqttClientContender.Messages(context.Size);
        _broker = MqttAnswerer.Start(out int port);
        MqttClientOptions options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId("mqttnet-scenarios")
            .Build();
        MqttClientConnectResult answer = _client.ConnectAsync(options, CancellationToken.None).GetAwaiter().GetResult();
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new ScenarioException($"the client of MQTTnet does not connect: {answer.ResultCode}");
        }
    }

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        PublishAsync().GetAwaiter().GetResult();
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new RunResult(_messages, elapsed) { AllocatedBytes = allocated, Check = (ulong)_messages };
    }

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    private static MqttApplicationMessage Message(int device)
    {
        return new MqttApplicationMessageBuilder()
            .WithTopic(Encoding.ASCII.GetString(MqttWorkload.TopicOf(device)))
            .WithPayload(MqttWorkload.PayloadOf(0))
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
    }

    private async Task PublishAsync()
    {
        for (int index = 0; index < _messages; index++)
        {
            int slot = index % MqttClientContender.Window;
            if (index >= MqttClientContender.Window)
            {
                Require(await _answers[slot].ConfigureAwait(false));
            }

            _answers[slot] = _client.PublishAsync(_outgoing[index % MqttWorkload.Devices], CancellationToken.None);
        }

        // Waits for the answers to the last Window messages.
        foreach (Task<MqttClientPublishResult> answer in _answers)
        {
            Require(await answer.ConfigureAwait(false));
        }
    }

    private static void Require(MqttClientPublishResult answer)
    {
        if (!answer.IsSuccess)
        {
            throw new ScenarioException($"a message was not accepted: {answer.ReasonCode} {answer.ReasonString}");
        }
    }
}
