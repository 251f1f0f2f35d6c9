namespace Estream.Stress;

/// <summary>A test in which two threads have to run at the very same moment; skipped where there is one processor.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TwoProcessorsFactAttribute : FactAttribute
{
    public TwoProcessorsFactAttribute()
    {
        Skip = Environment.ProcessorCount < 2 ? "two threads never run at the same moment on one processor" : null;
    }
}
