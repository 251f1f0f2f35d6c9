using Estream.Core;
using Estream.Host.Runtime;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: parts start in the order of their dependencies, and stop and close in the reverse order, all of them.</summary>
public sealed class HostPartsTests : IDisposable
{
    private static readonly HostStop s_stop = new(IsLost: false, CancellationToken.None, CancellationToken.None);

    private readonly List<string> _calls = [];
    private readonly LogLines _log = new();
    private readonly HostParts _parts;

    public HostPartsTests() => _parts = new HostParts(_log);

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Parts_start_in_order_and_stop_and_close_in_the_reverse_order()
    {
        await OpenAsync("queues", "maps", "adapters");
        await _parts.StartAsync(CancellationToken.None);
        Assert.True(await _parts.StopAsync(s_stop));
        await _parts.CloseAsync();
        await _parts.CloseAsync();

        Assert.Equal(
            [
                "open queues", "open maps", "open adapters", "start queues", "start maps", "start adapters",
                "stop adapters", "stop maps", "stop queues", "close adapters", "close maps", "close queues",
            ],
            _calls);
    }

    [Fact]
    public async Task A_part_that_cannot_stop_or_close_does_not_keep_the_others_open()
    {
        await OpenAsync("queues", "!maps", "adapters");
        Assert.False(await _parts.StopAsync(s_stop));
        EstreamStorageException failure = await Assert.ThrowsAsync<EstreamStorageException>(async () => await _parts.CloseAsync());

        Assert.Equal("close !maps", failure.Message);
        Assert.Equal(["stop adapters", "stop !maps", "stop queues", "close adapters", "close !maps", "close queues"], _calls[3..]);
        Assert.Equal(
            ["The !maps could not be stopped. The other parts stop.", "The !maps could not be closed. The other parts are closed."],
            _log.Lines);
    }

    [Fact]
    public async Task A_part_that_cannot_open_is_closed_with_those_before()
    {
        await OpenAsync("queues");
        await Assert.ThrowsAsync<EstreamStorageException>(() => _parts.OpenAsync(new HostPart("maps")
        {
            Open = () => throw new EstreamStorageException("No map.", null, StorageFailure.Other), Close = () => Note("close maps"),
        }));
        await _parts.CloseAsync();

        Assert.Equal(["open queues", "close maps", "close queues"], _calls);
    }

    // A name that begins with '!' fails to stop and to close.
    private async Task OpenAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await _parts.OpenAsync(new HostPart(name)
            {
                Open = () => Note($"open {name}").AsTask(),
                Start = _ => Note($"start {name}").AsTask(),
                Stop = async _ =>
                {
                    await Note($"stop {name}", name[0] == '!');
                    return true;
                },
                Close = () => Note($"close {name}", name[0] == '!'),
            });
        }
    }

    private ValueTask Note(string call, bool isFailing = false)
    {
        _calls.Add(call);
        return isFailing ? throw new EstreamStorageException(call, null, StorageFailure.Other) : ValueTask.CompletedTask;
    }
}
