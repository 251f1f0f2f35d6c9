using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>A message that was given to emit and waits for its answer.</summary>
internal sealed class HeldEmit(byte[] message)
{
    private readonly TaskCompletionSource<EmitStatus> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Message => message;

    public Task<EmitStatus> Answered => _answer.Task;

    public void Answer(EmitCode code) => _answer.SetResult(new EmitStatus(code, code == EmitCode.Ok ? "" : "said the test"));
}
