namespace Estream.Core.Tests.Threads;

/// <summary>Goal: the kernel confirms each pin, and a disposed pin leaves no trace.</summary>
public sealed class CpuAffinityTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(CpuAffinity.MaxCpu)]
    [InlineData(CpuAffinity.MaxCpu + 1)]
    public void Pin_refuses_a_CPU_that_the_machine_does_not_have(int cpu) => OnThread(() =>
    {
        int[] before = CpuAffinity.Current();
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuAffinity.Pin(cpu));
        Assert.Equal(before, CpuAffinity.Current());
    });

    [Fact]
    public void Pin_keeps_the_thread_on_its_CPU_until_disposed() => OnThread(() =>
    {
        int[] before = CpuAffinity.Current();
        foreach (int cpu in before)
        {
            using (CpuPin pin = CpuAffinity.Pin(cpu))
            {
                Assert.Equal(cpu, pin.Cpu);
                Assert.Equal([cpu], CpuAffinity.Current());
            }

            Assert.Equal(before, CpuAffinity.Current());
        }
    });

    [Fact]
    public void Pin_is_disposed_by_its_own_thread_only() => OnThread(() =>
    {
        int cpu = CpuAffinity.Current()[0];
        CpuPin pin = CpuAffinity.Pin(cpu);
        OnThread(() => Assert.Throws<InvalidOperationException>(pin.Dispose));
        Assert.Equal([cpu], CpuAffinity.Current());
        pin.Dispose();
        pin.Dispose();
    });

    private static void OnThread(Action test)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                test();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }
}
