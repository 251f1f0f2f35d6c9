using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: an operator sees what an adapter refuses and why, however many different reasons senders cause.</summary>
public sealed class AdapterRejectionsTests
{
    private readonly ManualClock _clock = new(0);
    private readonly AdapterRejections _rejections;

    public AdapterRejectionsTests() => _rejections = new AdapterRejections(_clock);

    [Fact]
    public void An_empty_reason_is_refused() => Assert.Throws<ArgumentException>(() => _rejections.Add(""));

    [Fact]
    public void A_reason_has_its_count_and_the_text_time_and_dead_letter_of_the_last_one()
    {
        _clock.UtcNanos = 1;
        _rejections.Add("no mapping", "no mapping (from a)", 7);
        _clock.UtcNanos = 2;
        _rejections.Add("no mapping", "no mapping (from b)", 9);
        _clock.UtcNanos = 3;
        _rejections.Add("too many connections");
        _clock.UtcNanos = 4;
        _rejections.Add("no mapping", "no mapping (from c)");

        Assert.Equal(
            [
                new AdapterRejection("no mapping", "no mapping (from c)", 3, 4, 9),
                new AdapterRejection("too many connections", "too many connections", 1, 3, null),
            ],
            _rejections.ToList());
    }

    [Fact]
    public void The_oldest_reasons_beyond_the_limit_are_counted_as_other()
    {
        const int Reasons = AdapterRejections.MaxReasons + 10;
        for (int i = 0; i < Reasons; i++)
        {
            _clock.UtcNanos++;
            _rejections.Add($"reason {i}", $"text {i}", i);
            _rejections.Add($"reason {i}", $"text {i}", i);
        }

        IReadOnlyList<AdapterRejection> all = _rejections.ToList();

        Assert.Equal(AdapterRejections.MaxReasons + 1, all.Count);
        Assert.Equal(2 * Reasons, all.Sum(rejection => rejection.Count));
        Assert.Equal($"reason {Reasons - 1}", all[0].Reason);
        Assert.Equal(new AdapterRejection("other", "text 9", 20, 10, 9), all[^1]);
    }

    [Fact]
    public void Long_texts_are_cut()
    {
        _rejections.Add(new string('r', 10_000), new string('d', 10_000));

        AdapterRejection only = Assert.Single(_rejections.ToList());
        Assert.Equal((256, 1_024), (only.Reason.Length, only.Detail.Length));
    }

    [Fact]
    public void Counts_of_concurrent_threads_add_up()
    {
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                _rejections.Add($"reason {(thread + i) % 100}");
            }
        });

        Assert.Equal(40_000, _rejections.ToList().Sum(rejection => rejection.Count));
    }

    [Fact]
    public void A_known_reason_allocates_nothing()
    {
        _rejections.Add("no mapping");

        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, () => _rejections.Add("no mapping")));
    }
}
