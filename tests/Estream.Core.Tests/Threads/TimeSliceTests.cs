namespace Estream.Core.Tests.Threads;

public sealed class TimeSliceTests
{
    [Fact]
    public void Kernel_reports_the_shortened_slice_of_this_thread_only()
    {
        TimeSpan before = TimeSlice.Current();
        bool isShortened = false;
        TimeSpan after = TimeSpan.Zero;
        Thread thread = new(() =>
        {
            isShortened = TimeSlice.TryShorten();
            after = TimeSlice.Current();
        });
        thread.Start();
        thread.Join();

        Assert.True(isShortened);

        // Kernels before 6.12 accept the request and ignore it.
        Assert.Equal(Environment.OSVersion.Version >= new Version(6, 12) ? TimeSlice.Shortest : before, after);
        Assert.Equal(before, TimeSlice.Current());
    }
}
